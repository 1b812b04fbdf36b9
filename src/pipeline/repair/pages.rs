//! Fetching the pages of a repair: a list page, or what it frames, and articles.

use url::Url;

use super::known::Known;
use super::{Repairer, article, list};
use crate::config::{Column, Site};
use crate::discover;
use crate::fetch::Request;
use crate::model::{Call, Page, ProblemCode};
use crate::pipeline::parse;
use crate::pipeline::probe::Missing;
use crate::problem::Fault;
use crate::text::web;

/// A page may frame its rows so often.
pub(super) const MAX_FRAMES: usize = 3;

/// What a list page shows, or why it shows nothing.
pub(super) enum ListPage {
    /// It was read.
    Read(Box<Page>, Box<list::Found>),
    /// No list can be read at its address.
    Not(NoList),
}

/// Why no list can be read at an address.
pub(super) struct NoList {
    /// What is told.
    pub(super) fault: Fault,
    /// What came instead.
    pub(super) page: Option<Box<Page>>,
    /// The list may stand elsewhere: the site sends readers to its front page, or shows a page that
    /// is none, or none.
    pub(super) may_have_moved: bool,
}

impl From<Missing> for NoList {
    fn from(missing: Missing) -> Self {
        Self { fault: missing.fault, page: None, may_have_moved: missing.is_gone }
    }
}

impl Repairer<'_> {
    /// The list page of `column` and what is found there; at most `left` pages are fetched, and
    /// counted off.
    pub(super) async fn list_of(
        &self,
        site: &Site,
        column: &Column,
        known: &Known,
        left: &mut usize,
    ) -> ListPage {
        let (page, call) = match self.list_page(site, column, left).await {
            Ok(page) => page,
            Err(no_list) => return ListPage::Not(no_list),
        };
        let (rule, known) = (column.list.clone(), known.clone());
        let (page, found) = parse(page, move |text, page| {
            list::find(text, &call, Some(page.fetched), &rule, &known)
        })
        .await;
        match found {
            Ok(found) => ListPage::Read(Box::new(page), Box::new(found)),
            Err(rejection) => ListPage::Not(NoList {
                fault: Fault::from(&rejection),
                page: Some(Box::new(page)),
                may_have_moved: true,
            }),
        }
    }

    /// The page that has the rows, and the call that it answers: the list page, or what it frames.
    async fn list_page(
        &self,
        site: &Site,
        column: &Column,
        left: &mut usize,
    ) -> Result<(Page, Call), NoList> {
        let mut call = Call::get(column.url.clone());
        for _ in 0..MAX_FRAMES {
            if *left == 0 {
                break;
            }
            let request = match call.url == column.url {
                true => Request::to(&call.url),
                false => Request::call(&call, &column.url),
            };
            let page = self.source.seek(&request, self.now).await;
            *left -= usize::from(!is_not_saved(&page));
            let page = page?;
            if !web::same_site(&page.url, &column.url) {
                let (wanted, found) = (&call.url, &page.url);
                let detail = format!("the list of `{wanted}` leads to another site, `{found}`");
                let fault = Fault::new(ProblemCode::IdentityFailed, detail);
                return Err(NoList { fault, page: None, may_have_moved: false });
            }
            if leads_home(&page, site) {
                let detail = format!("`{}` leads to the front page, `{}`", call.url, page.url);
                let fault = Fault::new(ProblemCode::RedirectedHome, detail);
                return Err(NoList { fault, page: Some(Box::new(page)), may_have_moved: true });
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
        let fault = Fault::new(ProblemCode::ListEmpty, detail);
        Err(NoList { fault, page: None, may_have_moved: true })
    }

    /// The article pages of known items, those that the list shows first, each from where the list
    /// leads today.
    pub(super) async fn samples(
        &self,
        site: &Site,
        column: &Column,
        known: &Known,
        list: &list::Found,
    ) -> article::Samples {
        let mut samples = article::Samples::default();
        let shown = &list.finding.shown;
        let others = (0..known.items.len()).filter(|at| !shown.contains(at));
        for at in shown.iter().copied().chain(others) {
            if samples.pages.len() + samples.faults.len() >= self.articles {
                break;
            }
            let item = &known.items[at];
            let url = list.places.get(&at).unwrap_or(&item.url);
            let own = web::same_site(url, &column.url) && !web::is_file(url);
            if item.partial || !own || item.text.is_empty() {
                continue;
            }
            let request = Request { referer: Some(&column.url), ..Request::to(url) };
            match self.source.get(&request, self.now).await {
                Ok(page) if leads_home(&page, site) => {
                    let detail = format!("`{url}` leads to the front page");
                    samples.faults.push(Fault::new(ProblemCode::ArticleGone, detail));
                }
                Ok(page) => samples.pages.push((page, item.clone(), known.listed[at].clone())),
                Err(fault) => samples.faults.push(fault),
            }
        }
        samples
    }
}

/// True where nobody was asked: no saved page is the one that was wanted.
pub(super) fn is_not_saved(page: &Result<Page, Missing>) -> bool {
    page.as_ref().is_err_and(|missing| missing.fault.code == ProblemCode::NotSaved)
}

/// True where another page was asked for than the site's first one, which came: sites send readers
/// there whose page is gone.
fn leads_home(page: &Page, site: &Site) -> bool {
    is_front(&page.url, site) && !is_front(&page.requested, site)
}

/// True for the address of the site's first page.
pub(super) fn is_front(url: &Url, site: &Site) -> bool {
    let home = site.home.as_ref();
    let is_bare = matches!(url.path(), "/" | "/index.html" | "/index.htm") && url.query().is_none();
    is_bare || home.is_some_and(|home| web::normalised(home) == web::normalised(url))
}
