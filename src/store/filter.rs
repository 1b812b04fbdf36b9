//! Which items a reader asks for: of which feeds, sites, with which tag, with which words.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::model::{ColumnId, Item, ItemState, Selection, SiteId};
use crate::text::query::Query;

use super::holds::as_released;
use super::items::{Scope, held_by, scopes};
use super::row::signed;
use super::{StoreError, members};

/// What items must have to be told; everything that is left empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// They belong to any of these feeds.
    pub within: Vec<Selection>,
    /// They are of any of these sites.
    pub sites: Vec<SiteId>,
    /// They carry this tag.
    pub tag: Option<Tag>,
    /// They hold these words.
    pub query: Query,
    /// A search gives a story once, where it stands first among those of these feeds or sites.
    pub once: bool,
}

/// A tag: a name in the breadcrumb of an item, or one that the configuration gives to columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The name.
    pub name: String,
    /// The columns that are given it.
    pub columns: Vec<ColumnId>,
}

impl Filter {
    /// Whether `item` is among those asked for; only live items are.
    pub fn holds(&self, item: &Item) -> bool {
        let within = self.within.is_empty() || self.within.iter().any(|one| one.holds(item));
        item.state == ItemState::Live
            && within
            && self.is_of_sites(item)
            && self.tag.as_ref().is_none_or(|tag| tag.is_on(item))
            && self.query.is_met_by(fields(item).iter().map(String::as_str))
    }

    /// Whether `item` can have been among them in any of its versions, as far as site and columns
    /// tell: a withdrawal has no words left to judge by.
    pub fn may_have_held(&self, item: &Item) -> bool {
        let may = |selection: &Selection| may_hold(selection, item);
        (self.within.is_empty() || self.within.iter().any(may)) && self.is_of_sites(item)
    }

    /// `item` as those who ask may see it; `None` where only feeds that hold could give it, and none of
    /// them let it in.
    pub(super) fn let_in(
        &self,
        connection: &Connection,
        item: Item,
    ) -> Result<Option<Item>, StoreError> {
        let mut giving = self.within.iter().filter(|one| one.holds(&item)).peekable();
        if item.state != ItemState::Live || giving.peek().is_none() {
            return Ok(Some(item));
        }
        let mut released = None;
        for selection in giving {
            let Some(name) = held_by(selection) else { return Ok(Some(item)) };
            let is_in: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM member WHERE selection = ?1 AND ordinal = ?2)",
                )?
                .query_row(params![name, signed(item.ordinal)], |row| row.get(0))?;
            if is_in {
                released = Some(name);
            }
        }
        released.map(|name| as_released(connection, &name, item)).transpose()
    }

    fn is_of_sites(&self, item: &Item) -> bool {
        self.sites.is_empty() || self.sites.contains(&item.site)
    }

    /// Where a story stands once.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match (self.sites.is_empty(), self.within.is_empty()) {
            (false, _) => self.sites.iter().map(|site| Scope::Site(site.to_string())).collect(),
            (true, false) => self.within.iter().flat_map(scopes).collect(),
            (true, true) => vec![Scope::All],
        }
    }

    /// The conditions on rows of `item` in SQL, words aside, with their parameters in order.
    pub(super) fn sql(&self) -> (String, Vec<Value>) {
        let mut conditions = vec!["item.state = 'live'".to_owned()];
        let mut values = Vec::new();
        if !self.within.is_empty() && !self.within.contains(&Selection::All) {
            let any: Vec<String> =
                self.within.iter().map(|one| selection_sql(one, &mut values)).collect();
            conditions.push(format!("({})", any.join(" OR ")));
        }
        if !self.sites.is_empty() {
            conditions.push(format!("item.site IN ({})", listed(&self.sites, &mut values)));
        }
        if let Some(tag) = &self.tag {
            let columns = listed(&tag.columns, &mut values);
            values.push(Value::Text(tag.name.clone()));
            conditions.push(format!(
                "(EXISTS (SELECT 1 FROM listed WHERE listed.ordinal = item.ordinal
                          AND listed.column_id IN ({columns}))
                  OR EXISTS (SELECT 1 FROM json_each(item.content, '$.breadcrumb')
                             WHERE trim(json_each.value) = ?))"
            ));
        }
        (conditions.join(" AND "), values)
    }
}

fn may_hold(selection: &Selection, item: &Item) -> bool {
    match selection {
        Selection::Only { of, .. } | Selection::Released { of, .. } => may_hold(of, item),
        other => other.holds(item),
    }
}

impl Tag {
    fn is_on(&self, item: &Item) -> bool {
        item.columns.iter().any(|column| self.columns.contains(column))
            || item.breadcrumb.iter().any(|name| name.trim() == self.name)
    }
}

/// What is searched in an item: its title, its text, and what is said about it.
pub(super) fn fields(item: &Item) -> [String; 3] {
    let about = [&item.author, &item.editor, &item.photographer];
    let about = about.into_iter().flatten().chain([&item.attribution]).chain(&item.breadcrumb);
    let about: Vec<&str> = about.map(String::as_str).collect();
    [item.title.clone(), item.text.clone(), about.join("\n")]
}

fn selection_sql(selection: &Selection, values: &mut Vec<Value>) -> String {
    match selection {
        Selection::All => "1".to_owned(),
        Selection::Any { sites, columns } => {
            let sites = listed(sites, values);
            let columns = listed(columns, values);
            format!(
                "(item.site IN ({sites})
                  OR EXISTS (SELECT 1 FROM listed WHERE listed.ordinal = item.ordinal
                             AND listed.column_id IN ({columns})))"
            )
        }
        Selection::Only { .. } | Selection::Released { .. } => {
            values.push(Value::Text(members::name(selection).unwrap_or_default()));
            "EXISTS (SELECT 1 FROM member WHERE selection = ? AND member.ordinal = item.ordinal)"
                .to_owned()
        }
    }
}

fn listed(names: &[impl ToString], values: &mut Vec<Value>) -> String {
    values.extend(names.iter().map(|name| Value::Text(name.to_string())));
    vec!["?"; names.len()].join(", ")
}
