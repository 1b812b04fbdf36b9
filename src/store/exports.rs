//! Handing items on: those of a span of days as readers may see them, and what of it they may not.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{ToSql, params_from_iter};

use crate::model::{Item, Selection};

use super::filter::Filter;
use super::row::{COLUMNS, item, public_item, seconds, signed};
use super::{SqliteStore, StoreError};

/// Which items are handed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// What they must have.
    pub filter: Filter,
    /// They belong to this, too.
    pub of: Option<Selection>,
    /// Published then or later.
    pub since: Option<DateTime<Utc>>,
    /// Published before.
    pub until: Option<DateTime<Utc>>,
}

/// Where a walk goes on: published, ordinal.
pub type Mark = (i64, u64);

/// A part of a walk over a span, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handful {
    /// Live items, as readers may see them.
    pub items: Vec<Item>,
    /// How many were looked at for them.
    pub looked_at: usize,
    /// Where to go on; `None` at the end.
    pub next: Option<Mark>,
}

impl SqliteStore {
    /// The live items of `span` after `from`, looking at `limit` at most.
    pub async fn hand_on(
        &self,
        span: Span,
        from: Option<Mark>,
        limit: usize,
    ) -> Result<Handful, StoreError> {
        self.read(move |connection| {
            let (conditions, mut values) = span.sql();
            let (published, ordinal) = from
                .map_or((i64::MAX, i64::MAX), |(published, ordinal)| (published, signed(ordinal)));
            values.extend([published, ordinal].map(Value::Integer));
            values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
            let sql = format!(
                "SELECT {COLUMNS} FROM item WHERE state = 'live' AND {conditions}
                 AND (published, ordinal) < (?, ?)
                 ORDER BY published DESC, ordinal DESC LIMIT ?"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut handful = Handful::default();
            while let Some(row) = rows.next()? {
                let item = public_item(row)?;
                handful.looked_at += 1;
                handful.next = Some((item.published.timestamp(), item.ordinal));
                let Some(item) = span.filter.let_in(connection, item)? else { continue };
                if span.holds(&item) {
                    handful.items.push(item);
                }
            }
            if handful.looked_at < limit {
                handful.next = None;
            }
            Ok(handful)
        })
        .await
    }

    /// How many items a walk over `span` looks at.
    pub async fn span_size(&self, span: &Span) -> Result<usize, StoreError> {
        let (conditions, values) = span.sql();
        self.read(move |connection| {
            let sql = format!("SELECT count(*) FROM item WHERE state = 'live' AND {conditions}");
            let count: i64 = connection
                .prepare_cached(&sql)?
                .query_row(params_from_iter(values), |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(usize::MAX))
        })
        .await
    }

    /// What may belong to `span` and is held or withdrawn, whole: for operators.
    pub async fn not_handed_on(&self, span: Span) -> Result<Vec<Item>, StoreError> {
        self.read(move |connection| {
            let (conditions, values) = span.sql();
            let mut found = Vec::new();
            for source in [
                "item WHERE state = 'held'",
                "withdrawal JOIN item USING (ordinal) WHERE state IN ('withdrawn', 'dropped')",
            ] {
                let sql = format!(
                    "SELECT {COLUMNS} FROM {source} AND {conditions}
                     ORDER BY published DESC, item.ordinal DESC"
                );
                let mut statement = connection.prepare_cached(&sql)?;
                let values: Vec<&dyn ToSql> = values.iter().map(|v| v as &dyn ToSql).collect();
                let mut rows = statement.query(values.as_slice())?;
                while let Some(row) = rows.next()? {
                    let item = item(row)?;
                    let of = span.of.as_ref().is_none_or(|of| of.holds(&item));
                    if of && span.filter.may_have_held(&item) {
                        found.push(item);
                    }
                }
            }
            Ok(found)
        })
        .await
    }
}

impl Span {
    fn holds(&self, item: &Item) -> bool {
        self.filter.holds(item) && self.of.as_ref().is_none_or(|of| of.holds(item))
    }

    /// What an index can answer, with its parameters in order.
    fn sql(&self) -> (String, Vec<Value>) {
        let since = self.since.map_or(i64::MIN, seconds);
        let until = self.until.map_or(i64::MAX, seconds);
        let mut values = vec![Value::Integer(since), Value::Integer(until)];
        let mut conditions = "item.published >= ? AND item.published < ?".to_owned();
        if let Some(Selection::Any { sites, columns }) = &self.of {
            // A column's items are its site's.
            let sites = sites.iter().chain(columns.iter().map(|column| column.site()));
            let sites: Vec<Value> = sites.map(|site| Value::Text(site.to_string())).collect();
            conditions.push_str(" AND item.site IN (");
            conditions.push_str(&vec!["?"; sites.len()].join(", "));
            conditions.push(')');
            values.extend(sites);
        }
        (conditions, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{draft, now};
    use crate::store::{Findings, StoreOptions};

    #[tokio::test]
    async fn a_walk_in_parts_meets_every_item_of_the_span_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        let drafts = (1..=25).map(|n| draft(n, &n.to_string())).collect();
        let findings = Findings { drafts, ..Findings::default() };
        store.save(&"a/news".parse().unwrap(), findings, now()).await.unwrap();
        let of = Selection::Any { sites: vec!["a".parse().unwrap()], columns: Vec::new() };
        let span = Span { of: Some(of), ..Span::default() };
        assert_eq!(store.span_size(&span).await.unwrap(), 25);
        let (mut from, mut met) = (None, Vec::new());
        loop {
            let handful = store.hand_on(span.clone(), from, 10).await.unwrap();
            met.extend(handful.items.into_iter().map(|item| item.title));
            from = handful.next;
            if from.is_none() {
                break;
            }
        }
        let all = store.newest(&Selection::All, 100, None).await.unwrap();
        assert_eq!(met, all.into_iter().map(|item| item.title).collect::<Vec<_>>());
        let elsewhere = Selection::Any { sites: vec!["b".parse().unwrap()], columns: Vec::new() };
        let span = Span { of: Some(elsewhere), ..span };
        assert_eq!(store.hand_on(span, None, 10).await.unwrap(), Handful::default());
    }
}
