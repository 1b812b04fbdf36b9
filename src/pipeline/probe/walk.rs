//! The walk over a site: which pages are read, in which order, and which of them are lists.

use std::collections::HashSet;

use url::Url;

use crate::discover::{self, ListRule};
use crate::fetch::Request;
use crate::model::{Both, Call, Link, Listing, Page, ProblemCode, Rejection};
use crate::pipeline::parse;
use crate::probe::{self, Candidate, Facts, Place};
use crate::problem::Fault;
use crate::text::{charset, web};

use super::{Passed, Prober, Why, article, notes};

/// Columns of one proposal at most.
const MAX_COLUMNS: usize = 24;
/// A page that frames its rows may lead to another that does, not for ever.
const MAX_FRAMES: usize = 3;
/// A page found on another possible column is wanted less by so much.
const DEEPER: u32 = 25;
/// Pages found elsewhere than on the front page must be wanted so much.
const LEAST_DEEP: u32 = 25;

/// The walk and what it has met.
pub(super) struct Walk<'a> {
    prober: &'a Prober,
    told: &'a (dyn Fn(&Url) + Sync),
    known: HashSet<String>,
    pub(super) pages: usize,
    pub(super) left: usize,
    pub(super) passed: Vec<Passed>,
}

/// A page and what can be said of it without knowing the site.
#[derive(Clone)]
pub(super) struct Look {
    pub(super) page: Page,
    pub(super) text: String,
    pub(super) charset: (&'static str, &'static str),
    pub(super) listing: Result<Listing, Rejection>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) facts: Facts,
}

/// A page that is a list.
pub(super) struct List {
    pub(super) name: String,
    pub(super) parent: Option<String>,
    pub(super) weight: u32,
    /// The page that was asked for; it stays.
    pub(super) asked: bool,
    pub(super) look: Look,
}

/// What the walk found.
pub(super) struct Found {
    pub(super) home: Url,
    pub(super) facts: Facts,
    pub(super) lists: Vec<List>,
    pub(super) notes: Vec<Both>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(prober: &'a Prober, told: &'a (dyn Fn(&Url) + Sync)) -> Self {
        Self { prober, told, known: HashSet::new(), pages: 0, left: 0, passed: Vec::new() }
    }

    /// Reads the front page and all that may be columns.
    pub(super) async fn site(&mut self, start: &Url) -> Result<Found, Fault> {
        let mut front = self.look(start, None).await?;
        if let Some(forward) = front.facts.forward.clone().filter(|_| front.candidates.is_empty())
            && let Ok(look) = self.look(&forward, Some(start)).await
        {
            front = look;
        }
        let mut lists = Vec::new();
        let mut queue = front.candidates.clone();
        let mut facts = front.facts.clone();
        let root = root(&front.page.url);
        let is_front = is_front(&front.page.url);
        let mut home = front.page.url.clone();
        let mut charset = front.charset;
        let listing = front.listing.as_ref().ok();
        let is_article = !is_front && article::is_article(&front.page, listing).await;
        if !is_front && (is_article || is_list(&front)) {
            let name = front.facts.column.clone().unwrap_or_default();
            if is_article {
                queue.retain(|candidate| candidate.place != Place::Page);
            } else {
                self.skip_rows(&front);
                lists.push(List { name, parent: None, weight: u32::MAX, asked: true, look: front });
            }
            home = root.clone();
            if let Ok(look) = self.look(&root, None).await {
                facts = look.facts.clone().or(&facts);
                charset = look.charset;
                queue.extend(look.candidates);
                home = look.page.url;
            }
        }
        self.known.insert(web::normalised(&home));
        let robots = self.robots(&home).await;
        self.columns(queue, &home, &mut lists).await;
        for list in &lists {
            facts = facts.or(&list.look.facts);
        }
        // A number proves a page only where all pages of the site print the same.
        for list in &lists {
            facts = facts.agreed(&list.look.facts);
        }
        let mut notes = notes::notes(&facts, charset, robots.as_deref());
        if is_article {
            notes.insert(0, notes::article(start, &home));
        }
        Ok(Found { home, facts, lists, notes })
    }

    /// Reads what is in `queue`, most wanted first, and what is found on it.
    async fn columns(&mut self, mut queue: Vec<Candidate>, home: &Url, lists: &mut Vec<List>) {
        loop {
            queue.retain(|candidate| !self.known.contains(&web::normalised(&candidate.url)));
            // The first of the most wanted.
            queue.sort_by_key(|candidate| std::cmp::Reverse(candidate.weight));
            // Every list wants an article read.
            let full = lists.len() >= MAX_COLUMNS || self.room() <= lists.len();
            if queue.is_empty() || full {
                break;
            }
            let candidate = queue.remove(0);
            let look = match self.look(&candidate.url, Some(home)).await {
                Ok(look) => look,
                Err(fault) => {
                    self.pass(&candidate.name, &candidate.url, Why::Fault(fault));
                    continue;
                }
            };
            queue.extend(deeper(&look, &candidate));
            match self.judged(&look) {
                Ok(()) => {
                    self.skip_rows(&look);
                    lists.push(list(candidate, look));
                }
                Err(why) => {
                    queue.extend(called(&look, &candidate));
                    self.pass(&candidate.name, &candidate.url, why);
                }
            }
        }
        self.left = queue.len();
    }

    /// What a list leads to is an article, whatever it is called.
    fn skip_rows(&mut self, look: &Look) {
        let links = look.listing.iter().flat_map(|listing| &listing.links);
        self.known.extend(links.map(|link| web::normalised(&link.url)));
    }

    /// Why the page is no list of its own.
    fn judged(&mut self, look: &Look) -> Result<(), Why> {
        let (asked, found) = (&look.page.requested, &look.page.url);
        if web::normalised(asked) != web::normalised(found)
            && (!web::same_site(asked, found) || !self.known.insert(web::normalised(found)))
        {
            return Err(Why::Elsewhere(found.clone()));
        }
        match &look.listing {
            Ok(_) if is_list(look) => Ok(()),
            Ok(_) => Err(Why::Elsewhere(found.clone())),
            Err(rejection) => Err(Why::Fault(Fault::from(rejection))),
        }
    }

    pub(super) fn pass(&mut self, name: &str, url: &Url, why: Why) {
        self.passed.push(Passed { name: name.to_owned(), url: url.clone(), why });
    }

    /// Pages that may still be read.
    pub(super) fn room(&self) -> usize {
        self.prober.max_pages.saturating_sub(self.pages)
    }

    /// Fetches the page at `url`.
    pub(super) async fn fetch(&mut self, url: &Url, referer: Option<&Url>) -> Result<Page, Fault> {
        self.known.insert(web::normalised(url));
        self.ask(&Request { referer, ..Request::to(url) }).await
    }

    async fn ask(&mut self, request: &Request<'_>) -> Result<Page, Fault> {
        (self.told)(request.url);
        let answer = self.prober.source.get(request, self.prober.now).await;
        // What is not at hand was not read.
        if !matches!(&answer, Err(fault) if fault.code == ProblemCode::NotSaved) {
            self.pages += 1;
        }
        answer
    }

    /// Fetches a page and looks at it; a list whose rows come in a second answer is asked for them.
    async fn look(&mut self, url: &Url, referer: Option<&Url>) -> Result<Look, Fault> {
        let page = self.fetch(url, referer).await?;
        let (page, look) = parse(page, look).await;
        let mut look = look.map_err(|rejection| Fault::from(&rejection))?;
        look.page = page;
        if let Ok(listing) = &look.listing
            && listing.links.is_empty()
        {
            look.listing = self.rest(listing.clone(), &look.page, &ListRule::default()).await;
        }
        Ok(look)
    }

    /// The rows of a list page that has none itself but names where they are.
    pub(super) async fn rest(
        &mut self,
        mut listing: Listing,
        column: &Page,
        rule: &ListRule,
    ) -> Result<Listing, Rejection> {
        for _ in 0..MAX_FRAMES {
            let Some(call) = listing.next.first().filter(|_| listing.links.is_empty()) else {
                break;
            };
            let page = self.ask(&Request::call(call, &column.url)).await;
            let page = page.map_err(|fault| Rejection::new(fault.code, fault.detail))?;
            let call = Call { url: page.url.clone(), ..call.clone() };
            let rule = rule.clone();
            let read = move |text: &str, page: &Page| {
                discover::read(text, &call, Some(page.fetched), &rule)
            };
            listing = parse(page, read).await.1?;
        }
        Ok(listing)
    }

    /// What robots.txt says, for the comments; the fetcher obeys it in any case.
    async fn robots(&mut self, home: &Url) -> Option<String> {
        let address = home.join("/robots.txt").ok()?;
        let page = self.fetch(&address, None).await.ok()?;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        // A page for people is sent where there is none.
        (!text.trim_start().starts_with('<')).then_some(text)
    }
}

/// What can be said of a page by itself.
fn look(text: &str, page: &Page) -> Result<Look, Rejection> {
    let decoded = charset::decode(&page.body, page.content_type.as_deref());
    Ok(Look {
        page: page.clone(),
        text: text.to_owned(),
        charset: (decoded.charset, decoded.how),
        listing: discover::read(
            text,
            &Call::get(page.url.clone()),
            Some(page.fetched),
            &ListRule::default(),
        ),
        candidates: probe::candidates(text, &page.url)?,
        facts: probe::facts(text, &page.url)?,
    })
}

fn list(candidate: Candidate, look: Look) -> List {
    let Candidate { name, parent, weight, .. } = candidate;
    let column = || look.facts.column.clone().unwrap_or_default();
    let name = if name.is_empty() { column() } else { name };
    // A name found on the page itself is worth what it says.
    let weight = weight.max(probe::weight(&name));
    List { name, parent, weight, asked: false, look }
}

/// True when the rows of a page are a column's: dated, or several, and not all in other places.
fn is_list(look: &Look) -> bool {
    let Ok(listing) = &look.listing else { return false };
    let dated = listing.links.iter().filter(|link| link.posted.is_some()).count();
    let own = |link: &&Link| web::same_site(&link.url, &look.page.url);
    let own = listing.links.iter().filter(own).count();
    // Below an article its neighbours are linked.
    let beside = |link: &Link| link.title.starts_with("上一") || link.title.starts_with("下一");
    let count = listing.links.iter().filter(|link| !beside(link)).count();
    count > 0 && (dated * 2 >= count || count >= 3) && (own > 0 || dated == count)
}

/// Further possible columns on a page that may be one: side menus, the blocks of a page of pages.
fn deeper(look: &Look, candidate: &Candidate) -> Vec<Candidate> {
    let under = |found: &Candidate| Candidate {
        weight: found.weight.saturating_sub(DEEPER),
        parent: found.parent.clone().or_else(|| {
            Some(candidate.name.clone())
                .filter(|name| !name.is_empty() && found.place != Place::Menu)
        }),
        ..found.clone()
    };
    let all = look.candidates.iter().filter(|found| found.place != Place::Page).map(under);
    all.filter(|found| found.weight > LEAST_DEEP).collect()
}

/// Where the rows of a page may come from that has none itself.
fn called(look: &Look, candidate: &Candidate) -> Vec<Candidate> {
    let calls = probe::calls(&look.text, &look.page.url).into_iter().take(MAX_FRAMES);
    calls.map(|url| Candidate { url, ..candidate.clone() }).collect()
}

/// True for the front page of a host, whatever its file is called.
fn is_front(url: &Url) -> bool {
    let path = url.path().trim_start_matches('/').to_ascii_lowercase();
    let stem = path.split('.').next().unwrap_or_default();
    url.query().is_none() && ["", "index", "default", "main", "home"].contains(&stem)
}

fn root(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    root
}
