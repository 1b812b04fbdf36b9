//! Reading kept pages again with today's rules, without a network.
//!
//! In: a store and a configuration; out: what would change, item by item. Nothing is stored before
//! it is asked for, and nothing is ever withdrawn: a page that today's rules reject keeps its item
//! as it is.

mod difference;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use url::Url;

use super::article::placed;
use super::{naming, parse};
use crate::config::{Column, Config, Site};
use crate::discover::External;
use crate::extract::{self, ArticleRule};
use crate::model::{Article, ColumnId, Draft, Item, ItemId, Link, Page, ProblemCode, Rejection};
use crate::normalize;
use crate::store::{Amend, Findings, KeptPages, Listed, SqliteStore, StoreError, Terms};
use crate::text::web;

pub use difference::Difference;

/// Reads kept pages again.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// Today's rules.
    pub config: &'a Config,
    /// The pages and items; read only, except by [`Replay::apply`].
    pub store: &'a SqliteStore,
    /// The kept pages.
    pub pages: &'a KeptPages,
}

/// What reading the items of one column again gave.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The column.
    pub column: ColumnId,
    /// Items that would change.
    pub changed: Vec<Reread>,
    /// Items whose page today's rules reject.
    pub rejected: Vec<Rejected>,
    /// Items that would stay as they are.
    pub same: usize,
    /// Items of which no page is kept, files and rows that lead elsewhere among them.
    pub gone: usize,
}

/// An item that reads otherwise today.
#[derive(Clone, Debug)]
pub struct Reread {
    /// As it is stored.
    pub item: Item,
    /// As it would be stored.
    pub draft: Draft,
    /// Field by field what would change.
    pub differences: Vec<Difference>,
}

/// An item whose page would not be an article today.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// As it is stored, and as it stays.
    pub item: Item,
    /// Why.
    pub reason: Rejection,
}

impl Replay<'_> {
    /// Reads the items that `column` lists again, except those in `done`, to which they are added;
    /// `step` hears of each.
    pub async fn column(
        &self,
        site: &Site,
        column: &Column,
        done: &mut HashSet<ItemId>,
        step: impl Fn(),
    ) -> Result<Replayed, StoreError> {
        let mut replayed = Replayed {
            column: column.id.clone(),
            changed: Vec::new(),
            rejected: Vec::new(),
            same: 0,
            gone: 0,
        };
        for listed in self.store.listed(&column.id).await? {
            if done.insert(listed.id.clone()) {
                self.item(site, column, &listed, &mut replayed).await?;
            }
            step();
        }
        Ok(replayed)
    }

    async fn item(
        &self,
        site: &Site,
        column: &Column,
        listed: &Listed,
        replayed: &mut Replayed,
    ) -> Result<(), StoreError> {
        let page = match self.pages.of(listed) {
            Some(url) => self.store.page(url).await?,
            None => None,
        };
        let (Some(page), Some(item)) = (page, self.store.item(&listed.id).await?) else {
            replayed.gone += 1;
            return Ok(());
        };
        if let Some(reason) = self.astray(site, column, &item, &page).await? {
            replayed.rejected.push(Rejected { item, reason });
            return Ok(());
        }
        let rule = Self::rule(column, &page.requested);
        let (page, article) = parse(page, move |text, page| {
            extract::read(text, &page.url, Some(page.fetched), &rule)
        })
        .await;
        match article {
            Err(reason) => replayed.rejected.push(Rejected { item, reason }),
            Ok(article) => {
                let draft = self.draft(site, column, &item, &listed.title, &article, &page);
                let differences = Difference::all(&item, &draft);
                if differences.is_empty() {
                    replayed.same += 1;
                } else {
                    replayed.changed.push(Reread { item, draft, differences });
                }
            }
        }
        Ok(())
    }

    /// The rule by which `column` reads the article at `url`: its own say nothing of another site's
    /// pages, which it may follow.
    pub fn rule(column: &Column, url: &Url) -> ArticleRule {
        let follows = column.list.external == External::Follow;
        match follows && !web::same_site(url, &column.url) {
            true => ArticleRule::default(),
            false => column.article.clone(),
        }
    }

    /// The draft that `article`, read from the kept `page` of `item`, makes today.
    ///
    /// What the row of the list told at that time is not kept, except its title; so a date that the
    /// page does not tell stays as it is stored.
    pub fn draft(
        &self,
        site: &Site,
        column: &Column,
        item: &Item,
        listed_title: &str,
        article: &Article,
        page: &Page,
    ) -> Draft {
        let naming = naming(self.config, site);
        let link = Link {
            url: page.requested.clone(),
            title: listed_title.to_owned(),
            posted: item.posted,
        };
        let aliases = [page.requested.clone(), page.url.clone()];
        let id = &column.id;
        placed(normalize::draft(article, Some(&link), id, &naming, &aliases, page.fetched), column)
    }

    /// Why a kept page is not that of its item: sites send readers of withdrawn articles to their
    /// front page or to another article.
    async fn astray(
        &self,
        site: &Site,
        column: &Column,
        item: &Item,
        page: &Page,
    ) -> Result<Option<Rejection>, StoreError> {
        let same = |a: &Url, b: &Url| web::normalised(a) == web::normalised(b);
        if same(&page.url, &page.requested) {
            return Ok(None);
        }
        let nowhere = page.url.path() == "/"
            || same(&page.url, &column.url)
            || site.home.as_ref().is_some_and(|home| same(&page.url, home))
            || !web::same_site(&page.url, &page.requested);
        let other = match nowhere {
            true => true,
            false => self.store.item_at(&page.url).await?.is_some_and(|other| other != item.id),
        };
        let detail = format!("the kept page is that of `{}`", page.url);
        Ok(other.then(|| Rejection::new(ProblemCode::ArticleGone, detail)))
    }

    /// Stores what would change in `replayed`, in one transaction; feeds follow with the next
    /// publication.
    pub async fn apply(&self, replayed: Replayed, now: DateTime<Utc>) -> Result<(), StoreError> {
        if replayed.changed.is_empty() {
            return Ok(());
        }
        let findings = Findings {
            drafts: replayed.changed.into_iter().map(|reread| reread.draft).collect(),
            cut_short: self.store.is_cut_short(&replayed.column).await?,
            terms: Terms { amend: Amend::Always, ..Terms::default() },
            ..Findings::default()
        };
        self.store.save(&replayed.column, findings, now).await?;
        Ok(())
    }
}
