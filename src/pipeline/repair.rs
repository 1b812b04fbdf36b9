//! Repairing a column whose site was redesigned: what is known of its items is looked for on the
//! pages as they are today, and where its own page does not show them, elsewhere on the site.
//!
//! In: a configuration, a store and where pages come from; out: how much today's rules and the best
//! others find again, and the changed rules where they are better. Nothing is stored, and no file
//! is changed.

mod article;
mod elsewhere;
mod known;
mod list;
mod pages;

use chrono::{DateTime, Utc};
use url::Url;

use super::{Pipeline, Source, manners};
use crate::config::{Column, Config, Setting, Site, Wanted};
use crate::discover::ListRule;
use crate::extract::ArticleRule;
use crate::model::{ColumnId, ProblemCode};
use crate::problem::Fault;
use crate::repair::Way;
use crate::store::{SqliteStore, StoreError};
use crate::text::alternative::Selector;
use elsewhere::Standing;
use known::Known;
use list::FEWEST;
use pages::{ListPage, MAX_FRAMES};

pub use article::{ArticleFinding, ArticleScore};
pub use elsewhere::{Looked, MovedList};
pub use list::{ListFinding, ListScore};

/// Items of the column that are looked for.
const ITEMS: usize = 40;
/// Articles read where nobody says how many.
const ARTICLES: usize = 5;
/// What a proposal must find again at least, of 1.
const ENOUGH: f64 = 0.8;
/// What it must find again where nobody is asked, of 1.
const CERTAIN: f64 = 0.95;
/// So many articles must have been read for that.
const FEWEST_ARTICLES: usize = 3;

/// Looks for better rules.
#[derive(Clone)]
pub struct Repairer<'a> {
    /// Today's rules.
    pub config: &'a Config,
    /// The known items; only read.
    pub store: &'a SqliteStore,
    /// Where pages come from.
    pub source: Source,
    /// When it is; dates without a year are read by it.
    pub now: DateTime<Utc>,
    /// Article pages read at most.
    pub articles: usize,
}

/// What came of looking for better rules of a column.
#[derive(Debug)]
pub struct Repaired {
    /// The column.
    pub column: ColumnId,
    /// Items that were looked for.
    pub known: usize,
    /// What was found on the list page; or why it could not be read.
    pub list: Result<ListFinding, Fault>,
    /// Other pages of the site that were looked at, where the list page does not show its items.
    pub looked: Vec<Looked>,
    /// Where the list stands now, if elsewhere.
    pub moved: Option<MovedList>,
    /// What was found on article pages.
    pub article: ArticleFinding,
    /// Better rules, where there are any.
    pub proposal: Option<RepairProposal>,
}

/// Rules that find more of the known items than today's.
#[derive(Clone, Debug)]
pub struct RepairProposal {
    /// The column.
    pub column: ColumnId,
    /// Where its list stands.
    pub url: Url,
    /// What its own table would say.
    pub settings: Vec<Setting>,
    /// The compiled rule for lists.
    pub list: ListRule,
    /// The compiled rule for articles.
    pub article: ArticleRule,
}

impl Repaired {
    /// True where today's rules find again what the pages show.
    pub fn is_sound(&self) -> bool {
        let articles = &self.article;
        let list = self.list.as_ref().is_ok_and(|list| list.before.share() >= ENOUGH);
        list && self.proposal.is_none()
            && (articles.before.of == 0 || articles.before.share() >= ENOUGH)
    }

    /// A proposal that nobody has to look at first: rules of the same page, by which nearly all that
    /// is known to stand there is found, and its articles are as they were.
    pub fn beyond_doubt(&self) -> Option<&RepairProposal> {
        let (list, articles) = (self.list.as_ref().ok()?.after(), self.article.after());
        // A list that shows its items where it stood has not moved.
        let certain = list.of >= FEWEST
            && list.share() >= CERTAIN
            && articles.of >= FEWEST_ARTICLES
            && articles.share() >= CERTAIN;
        self.proposal.as_ref().filter(|_| certain)
    }
}

impl RepairProposal {
    /// The column as it would be read with the proposed rules.
    pub fn on(&self, column: &Column) -> Column {
        Column {
            url: self.url.clone(),
            list: self.list.clone(),
            article: self.article.clone(),
            ..column.clone()
        }
    }
}

impl Pipeline {
    /// What today's pages of `column` show of its known items, and better rules where they yield
    /// any; the list page and up to five articles are fetched for it, by the site's manners, and
    /// where the list does not stand there, up to twelve pages to find it.
    pub async fn repaired(&self, site: &Site, column: &Column) -> Result<Repaired, StoreError> {
        let manners = Box::new(manners(&self.config, site));
        let repairer = Repairer {
            config: &self.config,
            store: &self.store,
            source: Source::Network { fetcher: self.fetcher.clone(), manners },
            now: self.now(),
            articles: ARTICLES,
        };
        repairer.column(site, column).await
    }

    /// A person has looked at the rules of `column` that were changed without one.
    pub async fn repair_was_looked_at(&self, column: &ColumnId) -> Result<(), StoreError> {
        let others = ProblemCode::ALL.iter().copied();
        let others: Vec<ProblemCode> =
            others.filter(|code| *code != ProblemCode::RepairApplied).collect();
        self.tell(&column.to_string(), &[], &others).await
    }
}

impl Repairer<'_> {
    /// Reads the pages of `column` and looks for rules that find its known items again.
    ///
    /// Faults of the outside world end in what is returned; an error means that the store failed.
    pub async fn column(&self, site: &Site, column: &Column) -> Result<Repaired, StoreError> {
        let known = Known::of(self.store, self.config, site, column, ITEMS).await?;
        let mut repaired = Repaired {
            column: column.id.clone(),
            known: known.rows.len(),
            list: Ok(ListFinding::default()),
            looked: Vec::new(),
            moved: None,
            article: ArticleFinding::default(),
            proposal: None,
        };
        if known.rows.is_empty() {
            return Ok(repaired);
        }
        let least = FEWEST.min(known.rows.len());
        let (came, found) = match self.list_of(site, column, &known, &mut { MAX_FRAMES }).await {
            ListPage::Read(page, found) => {
                repaired.list = Ok(found.finding.clone());
                match found.finding.shown.len() >= least {
                    true => (None, Some(Standing { column: column.clone(), found: *found })),
                    false => (Some(*page), None),
                }
            }
            ListPage::Not(no_list) => {
                repaired.list = Err(no_list.fault);
                if !no_list.may_have_moved {
                    return Ok(repaired);
                }
                (no_list.page.map(|page| *page), None)
            }
        };
        let found = match found {
            Some(found) => Some(found),
            None => {
                let (looked, found) = self.elsewhere(site, column, &known, came).await?;
                repaired.looked = looked;
                repaired.moved = found.as_ref().map(|standing| MovedList {
                    url: standing.column.url.clone(),
                    list: standing.found.finding.clone(),
                });
                found
            }
        };
        if let Some(found) = found {
            self.propose(site, column, &known, found, &mut repaired).await;
        }
        Ok(repaired)
    }

    /// Proposes what is better than today's rules of `column`, whose list was found.
    async fn propose(
        &self,
        site: &Site,
        column: &Column,
        known: &Known,
        Standing { column: standing, found }: Standing,
        repaired: &mut Repaired,
    ) {
        if found.finding.after().share() < ENOUGH {
            return;
        }
        let samples = self.samples(site, &standing, known, &found).await;
        let articles = article::find(samples, site, &standing, self.config).await;
        repaired.article = articles.finding;
        let address = (standing.url != column.url).then(|| address(&standing.url, site));
        let settings: Vec<Setting> =
            address.into_iter().chain(found.settings).chain(articles.settings).collect();
        repaired.proposal = (!settings.is_empty()).then(|| RepairProposal {
            column: column.id.clone(),
            url: standing.url,
            settings,
            list: found.rule,
            article: articles.rule,
        });
    }
}

/// How a column says that its list stands at `url`.
fn address(url: &Url, site: &Site) -> Setting {
    let home = site.home.as_ref().filter(|home| home.origin() == url.origin());
    let short = home.map(|_| url[url::Position::BeforePath..].to_owned());
    let wanted = Wanted::Address { whole: url.to_string(), short };
    Setting { table: None, key: "url", wanted }
}

/// How `way` is written.
fn written(way: &Way) -> Wanted {
    match way {
        Way::Meta(name) => Wanted::Parts(vec![("meta", name.clone())]),
        Way::Css { selector, attr: None, regex: None } => Wanted::Text(selector.clone()),
        Way::Css { selector, attr, regex } => {
            let mut parts = vec![("css", selector.clone())];
            parts.extend(attr.map(|attr| ("attr", attr.to_owned())));
            parts.extend(regex.clone().map(|regex| ("regex", regex)));
            Wanted::Parts(parts)
        }
    }
}

fn selector(text: &str) -> Option<Selector> {
    Selector::new(text).ok()
}
