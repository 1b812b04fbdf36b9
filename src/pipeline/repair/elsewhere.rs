//! Where the list of a column stands now: the links of the site's front page, and of the page that
//! came in place of the list, are followed, those that bear the column's name first.
//!
//! Newest items stand in many places: on overviews, beside articles, on front pages. Those show a
//! few of them in a block; a list shows about as many rows as the column's list ever did, most of
//! these are its items, and they are what the page looks made for.

use std::collections::HashSet;

use url::Url;

use super::known::Known;
use super::list::{self, FEWEST, ListFinding, ListScore};
use super::pages::{ListPage, is_front, is_not_saved};
use super::{ENOUGH, Repairer};
use crate::config::{Column, Site};
use crate::discover::{self, ListRule};
use crate::extract::{self, ArticleRule};
use crate::fetch::Request;
use crate::model::{Call, Page};
use crate::pipeline::parse;
use crate::probe;
use crate::problem::Fault;
use crate::repair::{self, NamedLink};
use crate::store::StoreError;
use crate::text::web;

/// Pages that are fetched at most to find a list, the front page among them.
const PAGES: usize = 12;
/// Running text has so many sentences.
const SENTENCES: usize = 2;
/// So many titles in a text are a list with summaries.
const TITLES: usize = 3;

/// A page that was looked at for a list.
#[derive(Clone, Debug)]
pub struct Looked {
    /// As it is linked; empty where only the configuration names it.
    pub name: String,
    /// Where.
    pub url: Url,
    /// What was found there by the best rule; or why nothing was.
    pub found: Result<ListScore, Fault>,
    /// It is a list of the column.
    pub is_list: bool,
}

/// A list that stands elsewhere than the configuration says.
#[derive(Clone, Debug)]
pub struct MovedList {
    /// Where it stands now.
    pub url: Url,
    /// What was found there.
    pub list: ListFinding,
}

/// The list as it was found elsewhere: the column with its new address, and what stands there.
pub(super) struct Standing {
    pub(super) column: Column,
    pub(super) found: list::Found,
}

/// A page that may be the list.
struct Candidate {
    name: String,
    url: Url,
    is_named: bool,
}

impl Repairer<'_> {
    /// Looks for the list of `column` elsewhere on its site; `came` is the page at its own address.
    pub(super) async fn elsewhere(
        &self,
        site: &Site,
        column: &Column,
        known: &Known,
        came: Option<Page>,
    ) -> Result<(Vec<Looked>, Option<Standing>), StoreError> {
        let seen = self.store.observations(&column.id).await?;
        let usual = usual_rows(seen.iter().map(|seen| seen.rows).collect());
        let mut left = PAGES;
        let mut looked = Vec::new();
        let mut best: Option<Standing> = None;
        let mut reached = HashSet::new();
        for candidate in self.candidates(site, column, known, came, &mut left, &mut looked).await {
            if left == 0 {
                break;
            }
            let tried = Column { url: candidate.url.clone(), ..column.clone() };
            let (name, url) = (candidate.name, candidate.url);
            let (page, found) = match self.list_of(site, &tried, known, &mut left).await {
                ListPage::Read(page, found) => (page, *found),
                ListPage::Not(no_list) => {
                    let found = Err(no_list.fault);
                    looked.push(Looked { name, url, found, is_list: false });
                    continue;
                }
            };
            let is_new = reached.insert(web::normalised(&page.url))
                && web::normalised(&page.url) != web::normalised(&column.url);
            let score = found.finding.after();
            let is_list = is_new
                && is_list(&score, found.older, known.rows.len(), usual)
                && !is_another(*page, known).await;
            looked.push(Looked { name, url, found: Ok(score), is_list });
            let worth = |found: &list::Found| {
                let score = found.finding.after();
                (score.share(), score.right)
            };
            if is_list && best.as_ref().is_none_or(|best| worth(&found) > worth(&best.found)) {
                best = Some(Standing { column: tried, found });
                if candidate.is_named && score.share() >= 1.0 {
                    break;
                }
            }
        }
        Ok((looked, best))
    }

    /// Pages that may be the list, likeliest first: links that bear the column's name on the front
    /// page and on the one that `came`, the addresses of its sisters, the rest of the navigation.
    async fn candidates(
        &self,
        site: &Site,
        column: &Column,
        known: &Known,
        came: Option<Page>,
        left: &mut usize,
        looked: &mut Vec<Looked>,
    ) -> Vec<Candidate> {
        let mut pages = Vec::new();
        if came.as_ref().is_none_or(|page| !is_front(&page.url, site)) {
            let root = column.url.join("/").ok();
            if let Some(home) = site.home.clone().or(root) {
                let page = self.source.seek(&Request::to(&home), self.now).await;
                *left -= usize::from(!is_not_saved(&page));
                match page {
                    Ok(page) => pages.push(page),
                    Err(missing) => {
                        let (name, found) = (String::new(), Err(missing.fault));
                        looked.push(Looked { name, url: home, found, is_list: false });
                    }
                }
            }
        }
        pages.extend(came);
        let names = names(column);
        let mut links: Vec<NamedLink> = Vec::new();
        let mut others: Vec<NamedLink> = Vec::new();
        for page in pages {
            let names = names.clone();
            let found = parse(page, move |text, page| links_of(text, &page.url, &names)).await.1;
            let Ok((named, rest)) = found else { continue };
            links.extend(named);
            others.extend(rest);
        }
        links.sort_by_key(|link| link.rank);
        let named = links.into_iter().map(|link| Candidate::of(link, true));
        let sisters = site.columns.iter().filter(|other| other.id != column.id);
        let sisters = sisters.map(|sister| Candidate {
            name: sister.name.clone(),
            url: sister.url.clone(),
            is_named: false,
        });
        let others = others.into_iter().map(|link| Candidate::of(link, false));
        let mut seen = HashSet::from([web::normalised(&column.url)]);
        named
            .chain(sisters)
            .chain(others)
            .filter(|candidate| {
                web::same_site(&candidate.url, &column.url)
                    && !is_front(&candidate.url, site)
                    && probe::article_address(&candidate.url) != Some(true)
                    && known.leads(&candidate.url).is_none()
                    && seen.insert(web::normalised(&candidate.url))
            })
            .collect()
    }
}

impl Candidate {
    fn of(link: NamedLink, is_named: bool) -> Self {
        Self { name: link.text, url: link.url, is_named }
    }
}

/// What the column is called: by its own name, by the way to it, by its tags.
fn names(column: &Column) -> Vec<String> {
    let way = column.breadcrumb.iter().rev();
    std::iter::once(&column.name).chain(way).chain(&column.tags).cloned().collect()
}

/// The links of a page that bear one of `names`, and the others that may be columns.
fn links_of(
    html: &str,
    url: &Url,
    names: &[String],
) -> Result<(Vec<NamedLink>, Vec<NamedLink>), crate::model::Rejection> {
    let mut named = repair::named(html, url, names)?;
    let mut others = Vec::new();
    for candidate in probe::candidates(html, url)? {
        // A 更多 bears no name, but the heading of its block does.
        let rank = repair::rank(&candidate.name, names);
        let link = NamedLink {
            text: candidate.name,
            url: candidate.url,
            rank: rank.unwrap_or(usize::MAX),
        };
        if rank.is_some() { named.push(link) } else { others.push(link) }
    }
    Ok((named, others))
}

/// The rows that a list usually has; `None` where it was never seen.
fn usual_rows(mut rows: Vec<usize>) -> Option<usize> {
    rows.retain(|&rows| rows > 0);
    rows.sort_unstable();
    rows.get(rows.len() / 2).copied()
}

/// True where a page of this score is a list: of the rows most are known items, and there are two
/// thirds of the usual ones at least, or half where the page leads on to `older` ones.
fn is_list(score: &ListScore, older: bool, known: usize, usual: Option<usize>) -> bool {
    let usual = usual.unwrap_or(known);
    let is_long = match older {
        true => score.rows * 2 >= usual,
        false => score.rows * 3 >= usual * 2,
    };
    score.right >= FEWEST
        && score.right * 2 >= score.rows
        && score.right * 2 >= usual.min(known)
        && score.share() >= ENOUGH
        && is_long
}

/// True where `page` is an article, dated running text with the known titles beside it, or where
/// what looks like its list has mostly other rows.
async fn is_another(page: Page, known: &Known) -> bool {
    let known = known.clone();
    let read = move |text: &str, page: &Page| {
        Ok(is_article(text, page, &known) || lists_others(text, page, &known))
    };
    parse(page, read).await.1.unwrap_or(true)
}

fn is_article(text: &str, page: &Page, known: &Known) -> bool {
    let rule = ArticleRule::default();
    let Ok(article) = extract::read(text, &page.url, Some(page.fetched), &rule) else {
        return false;
    };
    let text = &article.body.value.text;
    let inside = known.items.iter().filter(|item| text.contains(item.title.as_str())).count();
    let reads = text.matches('。').count() >= SENTENCES;
    reads && inside < TITLES && article.posted.is_some()
}

fn lists_others(text: &str, page: &Page, known: &Known) -> bool {
    let call = Call::get(page.url.clone());
    let read = discover::read(text, &call, Some(page.fetched), &ListRule::default());
    let links = read.map(|listing| listing.links).unwrap_or_default();
    let ours = links.iter().filter(|link| known.leads(&link.url).is_some()).count();
    ours * 2 < links.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(right: usize, rows: usize) -> ListScore {
        ListScore { right, of: right, rows, strange: 0 }
    }

    #[test]
    fn a_block_of_the_newest_is_no_list() {
        for (right, rows, older, known, usual, wanted) in [
            (15, 15, true, 40, Some(15), true),
            (10, 15, true, 40, Some(20), true),
            (10, 20, false, 40, Some(20), true),
            // A block on an overview.
            (6, 6, false, 40, Some(15), false),
            (9, 9, false, 40, Some(15), false),
            (6, 6, true, 40, Some(15), false),
            // Another column that shows some of the same articles.
            (4, 15, true, 40, Some(15), false),
            // Never seen, and a small one.
            (7, 7, false, 7, None, true),
            (3, 3, false, 7, None, false),
            // Too few to tell.
            (2, 2, false, 2, Some(2), false),
            (0, 0, false, 0, None, false),
        ] {
            let found = is_list(&score(right, rows), older, known, usual);
            assert_eq!(found, wanted, "{right} of {rows}, {known} known, usually {usual:?}");
        }
    }
}
