//! Repairing a column whose site was redesigned: what is known of its items is looked for on the
//! pages as they are today.
//!
//! In: a configuration, a store and where pages come from; out: how much today's rules and the best
//! others find again, and the changed rules where they are better. Nothing is stored, and no file
//! is changed.

mod article;
mod known;
mod list;

use chrono::{DateTime, Utc};
use url::Url;

use super::{Pipeline, Source, manners, parse};
use crate::config::{Column, Config, Setting, Site, Wanted};
use crate::discover::{self, ListRule};
use crate::extract::ArticleRule;
use crate::fetch::Request;
use crate::model::{Call, ColumnId, Page, ProblemCode};
use crate::problem::Fault;
use crate::repair::Way;
use crate::store::{SqliteStore, StoreError};
use crate::text::{alternative::Selector, web};
use known::Known;

pub use article::{ArticleFinding, ArticleScore};
pub use list::{ListFinding, ListScore};

/// Items of the column that are looked for.
const ITEMS: usize = 40;
/// Articles read where nobody says how many.
const ARTICLES: usize = 5;
/// A page may frame its rows so often.
const MAX_FRAMES: usize = 3;
/// What a proposal must find again at least, of 1.
const ENOUGH: f64 = 0.8;

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
}

impl RepairProposal {
    /// The column as it would be read with the proposed rules.
    pub fn on(&self, column: &Column) -> Column {
        Column { list: self.list.clone(), article: self.article.clone(), ..column.clone() }
    }
}

impl Pipeline {
    /// Better rules for `column`, where today's pages of the site yield any; the list page and up to
    /// five articles are fetched for it, by the site's manners.
    pub async fn propose_repair(
        &self,
        site: &Site,
        column: &Column,
    ) -> Result<Option<RepairProposal>, StoreError> {
        let manners = Box::new(manners(&self.config, site));
        let repairer = Repairer {
            config: &self.config,
            store: &self.store,
            source: Source::Network { fetcher: self.fetcher.clone(), manners },
            now: self.now(),
            articles: ARTICLES,
        };
        Ok(repairer.column(site, column).await?.proposal)
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
            article: ArticleFinding::default(),
            proposal: None,
        };
        if known.rows.is_empty() {
            return Ok(repaired);
        }
        let found = match self.list_page(site, column).await {
            Ok((page, call)) => {
                let (rule, known) = (column.list.clone(), known.clone());
                let (_, found) = parse(page, move |text, page| {
                    list::find(text, &call, Some(page.fetched), &rule, &known)
                })
                .await;
                found.map_err(|rejection| Fault::from(&rejection))
            }
            Err(fault) => Err(fault),
        };
        let found = match found {
            Ok(found) => found,
            Err(fault) => {
                repaired.list = Err(fault);
                return Ok(repaired);
            }
        };
        let readable = found.finding.after().share() >= ENOUGH;
        if readable {
            let samples = self.samples(site, column, &known, &found.finding.shown).await;
            let articles = article::find(samples, site, column, self.config).await;
            repaired.article = articles.finding;
            let settings: Vec<Setting> =
                found.settings.into_iter().chain(articles.settings).collect();
            repaired.proposal = (!settings.is_empty()).then(|| RepairProposal {
                column: column.id.clone(),
                settings,
                list: found.rule,
                article: articles.rule,
            });
        }
        repaired.list = Ok(found.finding);
        Ok(repaired)
    }

    /// The page that has the rows, and the call that it answers: the list page, or what it frames.
    async fn list_page(&self, site: &Site, column: &Column) -> Result<(Page, Call), Fault> {
        let mut call = Call::get(column.url.clone());
        for _ in 0..MAX_FRAMES {
            let request = match call.url == column.url {
                true => Request::to(&call.url),
                false => Request::call(&call, &column.url),
            };
            let page = self.source.get(&request, self.now).await?;
            if !web::same_site(&page.url, &column.url) {
                let (wanted, found) = (&call.url, &page.url);
                let detail = format!("the list of `{wanted}` leads to another site, `{found}`");
                return Err(Fault::new(ProblemCode::IdentityFailed, detail));
            }
            if leads_home(&page, site) {
                let detail = format!("`{}` leads to the front page, `{}`", call.url, page.url);
                return Err(Fault::new(ProblemCode::IdentityFailed, detail));
            }
            let here = Call { url: page.url.clone(), ..call };
            let (rule, asked) = (column.list.clone(), here.clone());
            let (page, listing) = parse(page, move |text, page| {
                discover::read(text, &asked, Some(page.fetched), &rule)
            })
            .await;
            match listing {
                Ok(listing) if listing.links.is_empty() && !listing.next.is_empty() => {
                    call = listing.next.into_iter().next().unwrap_or(here);
                }
                _ => return Ok((page, here)),
            }
        }
        let detail = format!("`{}` leads from page to page, none with rows", column.url);
        Err(Fault::new(ProblemCode::ListEmpty, detail))
    }

    /// The article pages of known items, those that the list shows first.
    async fn samples(
        &self,
        site: &Site,
        column: &Column,
        known: &Known,
        shown: &[usize],
    ) -> article::Samples {
        let mut samples = article::Samples::default();
        let others = (0..known.items.len()).filter(|at| !shown.contains(at));
        for at in shown.iter().copied().chain(others) {
            if samples.pages.len() + samples.faults.len() >= self.articles {
                break;
            }
            let item = &known.items[at];
            let own = web::same_site(&item.url, &column.url) && !web::is_file(&item.url);
            if item.partial || !own || item.text.is_empty() {
                continue;
            }
            let request = Request { referer: Some(&column.url), ..Request::to(&item.url) };
            match self.source.get(&request, self.now).await {
                Ok(page) if leads_home(&page, site) => {
                    let detail = format!("`{}` leads to the front page", item.url);
                    samples.faults.push(Fault::new(ProblemCode::ArticleGone, detail));
                }
                Ok(page) => samples.pages.push((page, item.clone(), known.listed[at].clone())),
                Err(fault) => samples.faults.push(fault),
            }
        }
        samples
    }
}

/// True where another page was asked for than the site's first one, which came: sites send readers
/// there whose page is gone.
fn leads_home(page: &Page, site: &Site) -> bool {
    let is_home = |url: &Url| {
        let home = site.home.as_ref();
        url.path() == "/" && url.query().is_none()
            || home.is_some_and(|home| web::normalised(home) == web::normalised(url))
    };
    is_home(&page.url) && !is_home(&page.requested)
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
