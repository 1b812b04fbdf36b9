//! From lists to columns: the family is recognised, and every list and article read with its rules.

use std::collections::HashSet;

use url::Url;

use crate::config::Family;
use crate::discover::{self, ListKind, ListRule};
use crate::extract::{self, ArticleRule};
use crate::model::{Article, Both, Call, Link, Listing, Page, Rejection};
use crate::pipeline::parse;
use crate::probe::{self, ColumnPlan, Evidence, Marks, Proposal, Recognition};
use crate::problem::Fault;
use crate::text::{charset, web};

use super::trial::Trial;
use super::walk::{List, Walk};
use super::{Probed, Prober, Why};

/// The columns of a site with what they yield.
pub(super) struct Columns {
    pub(super) family: String,
    pub(super) why: Both,
    columns: Vec<Column>,
}

struct Column {
    list: List,
    trial: Trial,
    kind: Option<&'static str>,
}

/// An article page, not yet read.
type Fetched = Option<(Url, Result<Page, Fault>)>;

impl Columns {
    /// Recognises the family and reads all lists with its rules.
    pub(super) async fn read(
        prober: &Prober,
        walk: &mut Walk<'_>,
        home: &Url,
        lists: Vec<List>,
    ) -> Self {
        let lists = distinct(lists, walk);
        let mut articles: Vec<Fetched> = Vec::new();
        for list in &lists {
            articles.push(article_of(list, walk).await);
        }
        let Recognition { family, why } = recognised(prober, home, &lists, &articles);
        let (list_rule, article_rule) = rules(prober.families.get(&family));
        let mut columns = Vec::new();
        for (list, article) in lists.into_iter().zip(articles) {
            let (name, url) = (list.name.clone(), list.look.page.requested.clone());
            match column(list, article, (&list_rule, &article_rule), prober, walk).await {
                Ok(column) => columns.push(column),
                Err(rejection) => walk.pass(&name, &url, Why::Fault(Fault::from(&rejection))),
            }
        }
        Self { family, why, columns }
    }

    /// The finished probe.
    pub(super) fn into_probed(self, site: Proposal, walk: Walk<'_>) -> Probed {
        let mut taken = Vec::new();
        let mut plans = Vec::new();
        let mut trials = Vec::new();
        let names: Vec<String> =
            self.columns.iter().map(|column| column.list.name.clone()).collect();
        for Column { list, trial, kind } in self.columns {
            let name = full_name(&list, &names);
            let url = list.look.page.requested.clone();
            let id = probe::column_id(&list.name, &url, &taken);
            taken.push(id.clone());
            let tags = probe::tags(&name);
            plans.push(ColumnPlan { id, name, url, tags, kind, notes: vec![note(&trial)] });
            trials.push(trial);
        }
        let proposal = Proposal { enabled: !plans.is_empty(), columns: plans, ..site };
        Probed { proposal, trials, left: walk.left, pages: walk.pages, passed: walk.passed }
    }
}

/// Columns of one name are told apart by the entry of the menu above them.
fn full_name(list: &List, names: &[String]) -> String {
    let name = if list.name.is_empty() { "栏目".to_owned() } else { list.name.clone() };
    let several = names.iter().filter(|other| **other == list.name).count() > 1;
    match &list.parent {
        Some(parent) if several => format!("{parent}·{name}"),
        _ => name,
    }
}

fn note(trial: &Trial) -> Both {
    let count = trial.rows.len();
    match trial.newest() {
        Some(day) => Both::new(
            format!("探测时 {count} 行，最新 {day}。"),
            format!("When probed: {count} rows, the newest of {day}."),
        ),
        None => Both::new(
            format!("探测时 {count} 行，都没有日期。"),
            format!("When probed: {count} rows, none dated."),
        ),
    }
}

/// Most wanted first, without those whose rows all stand in others.
fn distinct(mut lists: Vec<List>, walk: &mut Walk<'_>) -> Vec<List> {
    lists.sort_by_key(|list| std::cmp::Reverse(list.weight));
    let rows = |list: &List| -> HashSet<String> {
        let links = list.look.listing.iter().flat_map(|listing| &listing.links);
        links.map(|link| web::normalised(&link.url)).collect()
    };
    let mut at = lists.len();
    while at > 0 {
        at -= 1;
        let others = lists.iter().enumerate().filter(|(other, _)| *other != at);
        let union: HashSet<String> = others.flat_map(|(_, list)| rows(list)).collect();
        if !lists[at].asked && rows(&lists[at]).is_subset(&union) {
            let list = lists.remove(at);
            walk.pass(&list.name, &list.look.page.requested, Why::Same);
        }
    }
    lists
}

/// Fetches the first article of a list; where it cannot be had, the second.
async fn article_of(list: &List, walk: &mut Walk<'_>) -> Fetched {
    let links = list.look.listing.iter().flat_map(|listing| &listing.links);
    let own = links.filter(|link| !discover::is_external(link, &list.look.page.url));
    let mut fetched = None;
    for link in own.take(2) {
        if walk.room() == 0 {
            break;
        }
        let page = walk.fetch(&link.url, Some(&list.look.page.url)).await;
        let fine = page.is_ok();
        fetched = Some((link.url.clone(), page));
        if fine {
            break;
        }
    }
    fetched
}

fn recognised(prober: &Prober, home: &Url, lists: &[List], articles: &[Fetched]) -> Recognition {
    let families: Vec<Marks<'_>> = prober.families.values().map(marks).collect();
    let texts: Vec<String> = articles
        .iter()
        .flatten()
        .filter_map(|(_, page)| page.as_ref().ok())
        .filter_map(|page| charset::text(&page.body, page.content_type.as_deref()).ok())
        .collect();
    let mut evidence = Evidence::default();
    evidence.pages.extend(lists.iter().map(|list| list.look.text.as_str()));
    evidence.pages.extend(texts.iter().map(String::as_str));
    for list in lists {
        let links = list.look.listing.iter().flat_map(|listing| &listing.links);
        let own = links.map(|link| &link.url).filter(|url| web::same_site(url, home));
        evidence.urls.extend(own);
    }
    probe::recognise(&families, &evidence)
}

fn marks(family: &Family) -> Marks<'_> {
    Marks { id: &family.id, name: &family.name, urls: &family.url_marks, html: &family.html_marks }
}

fn rules(family: Option<&Family>) -> (ListRule, ArticleRule) {
    family.map(|family| (family.list.clone(), family.article.clone())).unwrap_or_default()
}

/// Reads a list and its article with the family's rules; where they find no rows, without.
async fn column(
    list: List,
    article: Fetched,
    (list_rule, article_rule): (&ListRule, &ArticleRule),
    prober: &Prober,
    walk: &mut Walk<'_>,
) -> Result<Column, Rejection> {
    let (rows, kind) = match rows(&list, list_rule, walk).await {
        Ok(listing) => (listing.links, None),
        Err(rejection) => other_kind(&list, list_rule, walk).await.ok_or(rejection)?,
    };
    let article = match article {
        Some((url, Ok(page))) => Some((url, read_article(page, article_rule).await)),
        Some((url, Err(fault))) => Some((url, Err(fault))),
        None => None,
    };
    let trial = Trial::new(rows, article, kind.is_some(), prober.now);
    Ok(Column { list, trial, kind })
}

/// The rows as a list of another kind than the family's, and which.
async fn other_kind(
    list: &List,
    rule: &ListRule,
    walk: &mut Walk<'_>,
) -> Option<(Vec<Link>, Option<&'static str>)> {
    let own = rule.kind?;
    for (name, kind) in ListKind::ALL.into_iter().filter(|(_, kind)| *kind != own) {
        let rule = ListRule { kind: Some(kind), ..rule.clone() };
        let listing = rows(list, &rule, walk).await.unwrap_or_default();
        if !listing.links.is_empty() {
            return Some((listing.links, Some(name)));
        }
    }
    None
}

async fn rows(list: &List, rule: &ListRule, walk: &mut Walk<'_>) -> Result<Listing, Rejection> {
    let (own, page) = (rule.clone(), list.look.page.clone());
    let read = move |text: &str, page: &Page| {
        discover::read(text, &Call::get(page.url.clone()), Some(page.fetched), &own)
    };
    let (page, listing) = parse(page, read).await;
    let listing = listing?;
    // Rows that came in an answer of their own are the same whoever asks for them.
    match (&list.look.listing, listing.links.is_empty()) {
        (Ok(known), true) if !known.links.is_empty() && rule.item.is_empty() => Ok(known.clone()),
        _ => walk.rest(listing, &page, rule).await,
    }
}

async fn read_article(page: Page, rule: &ArticleRule) -> Result<Box<Article>, Fault> {
    let rule = rule.clone();
    let read = move |text: &str, page: &Page| {
        extract::read(text, &page.url, Some(page.fetched), &rule).map(Box::new)
    };
    parse(page, read).await.1.map_err(|rejection| Fault::from(&rejection))
}
