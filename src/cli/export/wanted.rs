//! Which items are exported: those that were named, or those of some days, feeds and sites.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, NaiveDate, Utc};

use crate::cli::args::ExportArgs;
use crate::cli::{Failure, USAGE, named, operate, say};
use crate::config::Config;
use crate::model::{Item, ItemState, Lang, Posted, Selection};
use crate::store::{Filter, Mark, Span};

use super::Desk;

/// Items read at once.
const BATCH: usize = 50;

/// What is exported, and how far that is done.
pub(super) enum Wanted {
    /// These.
    Named(Vec<String>, VecDeque<Item>),
    /// All of a span, from there on; `None` once it is walked through.
    Span(Box<Span>, Option<Option<Mark>>),
}

/// An item that is not exported.
pub(super) struct Left {
    pub(super) item: Item,
    pub(super) why: String,
}

impl Wanted {
    pub(super) fn of(asked: &ExportArgs, config: &Config, lang: Lang) -> Result<Self, Failure> {
        if !asked.items.is_empty() {
            return Ok(Self::Named(asked.items.clone(), VecDeque::new()));
        }
        if let (Some(since), Some(until)) = (asked.since, asked.until)
            && until < since
        {
            let message = say::until_before_since(lang, since, until);
            return Err(Failure { code: USAGE, message });
        }
        let within =
            asked.feed.iter().map(|slug| feed(slug, config, lang)).collect::<Result<_, _>>()?;
        let span = Span {
            filter: Filter { within, ..Filter::default() },
            of: sites(&asked.site, config, lang)?,
            since: asked.since.map(begins),
            until: asked.until.and_then(|day| day.succ_opt()).map(begins),
        };
        Ok(Self::Span(Box::new(span), Some(None)))
    }

    pub(super) fn is_named(&self) -> bool {
        matches!(self, Self::Named(..))
    }

    /// How many items are looked at.
    pub(super) async fn size(&self, desk: &Desk) -> Result<usize, Failure> {
        match self {
            Self::Named(names, _) => Ok(names.len()),
            Self::Span(span, _) => desk.fine(desk.store.span_size(span).await),
        }
    }

    /// What is not exported and why; to be asked once, first.
    pub(super) async fn left_out(&mut self, desk: &Desk) -> Result<Vec<Left>, Failure> {
        let whole = match self {
            Self::Span(span, _) => {
                desk.fine(desk.store.not_handed_on(span.as_ref().clone()).await)?
            }
            Self::Named(names, items) => {
                let mut left = Vec::new();
                let mut seen = HashSet::new();
                for name in std::mem::take(names) {
                    let id = desk.fine(named::id(&desk.store, &desk.config, &name).await)?;
                    let found = match &id {
                        Some(id) => desk.fine(desk.store.item(id).await)?,
                        None => None,
                    };
                    let Some(item) = found else {
                        let message = say::no_item(desk.lang, &name);
                        return Err(Failure { code: USAGE, message });
                    };
                    if !seen.insert(item.id.clone()) {
                        continue;
                    }
                    let public = match item.state {
                        ItemState::Live => desk.fine(desk.store.public_item(&item.id).await)?,
                        ItemState::Withdrawn | ItemState::Held => None,
                    };
                    match public {
                        Some(public) => items.push_back(public),
                        None => left.push(item),
                    }
                }
                left
            }
        };
        let why = |item: &Item| match &item.withdrawn {
            Some(withdrawal) => say::withdrawal(desk.lang, withdrawal),
            None => say::is_held(desk.lang).to_owned(),
        };
        Ok(whole.into_iter().map(|item| Left { why: why(&item), item }).collect())
    }

    /// The next items, and how many were looked at for them.
    pub(super) async fn next(
        &mut self,
        desk: &Desk,
    ) -> Result<Option<(Vec<Item>, usize)>, Failure> {
        match self {
            Self::Named(_, items) => {
                let next: Vec<Item> = items.drain(..items.len().min(BATCH)).collect();
                let count = next.len();
                Ok((count > 0).then_some((next, count)))
            }
            Self::Span(span, place) => {
                let Some(from) = place.take() else { return Ok(None) };
                let span = span.as_ref().clone();
                let handful = desk.fine(desk.store.hand_on(span, from, BATCH).await)?;
                *place = handful.next.map(Some);
                Ok(Some((handful.items, handful.looked_at)))
            }
        }
    }
}

/// When a day begins where the sites are.
fn begins(day: NaiveDate) -> DateTime<Utc> {
    Posted::day(day).at().with_timezone(&Utc)
}

fn feed(slug: &str, config: &Config, lang: Lang) -> Result<Selection, Failure> {
    let found = config.feeds.iter().find(|feed| feed.spec.slug == slug);
    found.map(|feed| feed.spec.selection.clone()).ok_or_else(|| {
        let feeds: Vec<&str> = config.feeds.iter().map(|feed| feed.spec.slug.as_str()).collect();
        Failure { code: USAGE, message: say::no_feed(lang, slug, &feeds) }
    })
}

/// Sites that are no longer read count too: their items are still there.
fn sites(named: &[String], config: &Config, lang: Lang) -> Result<Option<Selection>, Failure> {
    if named.is_empty() {
        return Ok(None);
    }
    let (mut sites, mut columns) = (Vec::new(), Vec::new());
    for name in named {
        let site = name.parse().ok().filter(|id| config.site(id).is_some());
        let column = name.parse().ok().filter(|id| config.column(id).is_some());
        if site.is_none() && column.is_none() {
            let message = operate::unknown(config, name, lang);
            return Err(Failure { code: USAGE, message });
        }
        sites.extend(site);
        columns.extend(column);
    }
    Ok(Some(Selection::Any { sites, columns }))
}
