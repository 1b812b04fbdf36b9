//! `extract` and `discover`: pages at hand in; a line of JSON each out, or the same for people.
//! Needs no configuration and no network.
//!
//! The shape of the JSON is a contract by which quality is measured from outside.

mod input;
mod people;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::config::{Column, Config, Site};
use crate::discover::{self, ListRule};
use crate::extract::{self, ArticleRule};
use crate::model::{
    Article, Attachment, Call, Found, Image, Lang, Link, Posted, Precision, ProblemCode, Rejection,
    SiteId,
};
use crate::normalize;
use crate::text::{charset, web};

use super::args::PageArgs;
use super::{Args, CANNOT_WORK, FINE, Failure, USAGE, load, print};
use input::Input;

/// The largest page that is read, as in the daemon's default `max_bytes`.
const MAX_BYTES: u64 = 8 << 20;

/// One output line of `extract`.
#[derive(Debug, Serialize)]
struct ArticleLine<'a> {
    file: &'a str,
    url: Option<&'a str>,
    title: Option<String>,
    posted: Option<Posted>,
    posted_precision: &'static str,
    credit: Option<String>,
    author: Option<String>,
    editor: Option<String>,
    breadcrumb: Vec<String>,
    text: String,
    html: String,
    images: Vec<Image>,
    attachments: Vec<Attachment>,
    rules: BTreeMap<&'static str, String>,
    confidence: f32,
    rejected: Option<String>,
}

/// One output line of `discover`.
#[derive(Debug, Serialize)]
struct ListingLine<'a> {
    file: &'a str,
    url: Option<&'a str>,
    links: Vec<Link>,
    next: Vec<Url>,
    /// How the next pages are asked for, where following a link does not do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requests: Vec<Call>,
    rejected: Option<String>,
}

/// `lianbo extract`.
pub(super) fn extract(args: &Args, lang: Lang, pages: &PageArgs) -> Result<u8, Failure> {
    let sites = Sites::of(args, lang)?;
    each(pages, lang, |input| {
        let article = guarded(|| {
            let page = read_page(input)?;
            let rule = sites.article_rule(input)?;
            extract::read(&page.text, &page.url, page.seen, &rule)
        });
        let line = article_line(input, article);
        if pages.jsonl { serde_json::to_string(&line) } else { Ok(people::article(&line, lang)) }
    })
}

/// `lianbo discover`.
pub(super) fn discover(args: &Args, lang: Lang, pages: &PageArgs) -> Result<u8, Failure> {
    let sites = Sites::of(args, lang)?;
    each(pages, lang, |input| {
        let listing = guarded(|| {
            let page = read_page(input)?;
            let rule = sites.list_rule(input, &page.url)?;
            discover::read(&page.text, &Call::get(page.url), page.seen, &rule)
        });
        let (listing, rejected) = match listing {
            Ok(listing) => (listing, None),
            Err(rejection) => (Default::default(), Some(rejection.to_string())),
        };
        let line = ListingLine {
            file: &input.file,
            url: input.url.as_deref(),
            links: listing.links,
            next: listing.next.iter().map(|call| call.url.clone()).collect(),
            requests: if listing.next.iter().any(|call| call.by_script || !call.form.is_empty()) {
                listing.next
            } else {
                Vec::new()
            },
            rejected,
        };
        if pages.jsonl { serde_json::to_string(&line) } else { Ok(people::listing(&line, lang)) }
    })
}

/// The article in `file`, as without any site's rules, its body as `extract` prints it.
pub(super) fn article(file: &Path, url: Option<&str>) -> Result<Article, Rejection> {
    guarded(|| {
        let input = Input {
            file: file.display().to_string(),
            url: url.map(str::to_owned),
            ..Input::default()
        };
        let page = read_page(&input)?;
        let mut article = extract::read(&page.text, &page.url, page.seen, &ArticleRule::default())?;
        article.body.value = normalize::sanitised(&article.body.value);
        Ok(article)
    })
}

/// Whatever a page does to us, it costs its own line only.
fn guarded<T>(work: impl FnOnce() -> Result<T, Rejection>) -> Result<T, Rejection> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Rejection::new(ProblemCode::RunPanicked, "reading the page ended in a panic"))
    })
}

/// Runs `work` over every page asked for and writes its answer at once, in order.
fn each(
    pages: &PageArgs,
    lang: Lang,
    work: impl Fn(&Input) -> Result<String, serde_json::Error>,
) -> Result<u8, Failure> {
    let line_of = |input: &Input| {
        work(input).map_err(|e| Failure { code: CANNOT_WORK, message: e.to_string() })
    };
    if !pages.jsonl {
        for file in &pages.files {
            let input = Input {
                file: file.display().to_string(),
                url: pages.url.clone(),
                site: pages.site.clone(),
                fetched: pages.fetched.clone(),
                fault: None,
            };
            print(&format!("{}\n", line_of(&input)?))?;
        }
        return Ok(FINE);
    }
    let mut code = FINE;
    let mut lines = std::io::stdin().lock();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = lines.read_until(b'\n', &mut line);
        if read.map_err(|e| Failure { code: USAGE, message: format!("stdin: {e}") })? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let input = Input::of_line(&line);
        if let Some(fault) = &input.fault {
            eprintln!("{}", super::say::not_the_json(lang, number, fault));
            code = USAGE;
        }
        print(&format!("{}\n", line_of(&input)?))?;
    }
    Ok(code)
}

/// A page at hand, decoded.
struct PageAtHand {
    text: String,
    url: Url,
    seen: Option<DateTime<Utc>>,
}

fn read_page(input: &Input) -> Result<PageAtHand, Rejection> {
    if let Some(fault) = &input.fault {
        return Err(Rejection::at_hand("bad-input", fault.clone()));
    }
    // A name that leads nowhere (RFC 2606), so that relative addresses can be told from real ones.
    let address = input.url.as_deref().unwrap_or("http://page.invalid/");
    let url = Url::parse(address)
        .map_err(|error| Rejection::at_hand("bad-url", format!("`{address}`: {error}")))?;
    let seen = match &input.fetched {
        Some(text) => Some(
            DateTime::parse_from_rfc3339(text)
                .map_err(|error| Rejection::at_hand("bad-fetched", format!("`{text}`: {error}")))?
                .with_timezone(&Utc),
        ),
        None => None,
    };
    let bytes = read_file(Path::new(&input.file))?;
    let text = charset::text(&bytes, None)?;
    Ok(PageAtHand { text, url, seen })
}

/// The bytes of a saved page, if it is a file of bearable size.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Rejection> {
    let unreadable = |error: std::io::Error| {
        Rejection::at_hand("unreadable", format!("{}: {error}", path.display()))
    };
    // A device or a pipe has no end, or keeps one waiting.
    let kind = fs::metadata(path).map_err(unreadable)?;
    if !kind.is_file() {
        return Err(Rejection::at_hand("unreadable", format!("{}: no file", path.display())));
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        let detail = format!("{} bytes, at most {MAX_BYTES} are read", kind.len());
        return Err(Rejection::new(ProblemCode::TooLarge, detail));
    }
    Ok(bytes)
}

fn article_line(input: &Input, article: Result<Article, Rejection>) -> ArticleLine<'_> {
    let mut line = ArticleLine {
        file: &input.file,
        url: input.url.as_deref(),
        title: None,
        posted: None,
        posted_precision: "none",
        credit: None,
        author: None,
        editor: None,
        breadcrumb: Vec::new(),
        text: String::new(),
        html: String::new(),
        images: Vec::new(),
        attachments: Vec::new(),
        rules: BTreeMap::new(),
        confidence: 0.0,
        rejected: None,
    };
    let article = match article {
        Ok(article) => article,
        Err(rejection) => {
            line.rejected = Some(rejection.to_string());
            return line;
        }
    };
    let body = normalize::sanitised(&article.body.value);
    line.rules.insert("title", article.title.rule);
    line.rules.insert("body", article.body.rule);
    line.title = Some(article.title.value);
    line.posted = named(article.posted, "posted", &mut line.rules);
    line.posted_precision = match line.posted.map(|posted| posted.precision()) {
        Some(Precision::Day) => "day",
        Some(Precision::Minute) => "minute",
        None => "none",
    };
    line.credit = named(article.credit, "credit", &mut line.rules);
    line.author = named(article.author, "author", &mut line.rules);
    line.editor = named(article.editor, "editor", &mut line.rules);
    line.breadcrumb = named(article.breadcrumb, "breadcrumb", &mut line.rules).unwrap_or_default();
    line.text = body.text;
    line.html = body.html;
    line.images = body.images;
    line.attachments = body.attachments;
    line.confidence = article.confidence;
    line
}

fn named<T>(
    found: Option<Found<T>>,
    field: &'static str,
    rules: &mut BTreeMap<&'static str, String>,
) -> Option<T> {
    found.map(|found| {
        rules.insert(field, found.rule);
        found.value
    })
}

/// Where the rules of a named site come from: the configuration named on the command line, else the
/// sites that the program brings.
struct Sites(Vec<Site>);

impl Sites {
    fn of(args: &Args, lang: Lang) -> Result<Self, Failure> {
        match &args.config {
            Some(_) => Ok(Self(load(args, lang)?.sites)),
            None => Ok(Self(Config::builtin_sites())),
        }
    }

    /// The site asked for; `None` when none is, and nothing but the bytes and the URL may be used.
    fn wanted(&self, input: &Input) -> Result<Option<&Site>, Rejection> {
        let Some(wanted) = &input.site else { return Ok(None) };
        let unknown = || Rejection::at_hand("unknown-site", format!("no site `{wanted}`"));
        let id: SiteId = wanted.parse().map_err(|_| unknown())?;
        self.0.iter().find(|site| site.id == id).map(Some).ok_or_else(unknown)
    }

    fn article_rule(&self, input: &Input) -> Result<ArticleRule, Rejection> {
        let site = self.wanted(input)?;
        Ok(site.map(|site| site.article.clone()).unwrap_or_default())
    }

    /// The rule of the column whose list page this is, else the site's.
    fn list_rule(&self, input: &Input, page: &Url) -> Result<ListRule, Rejection> {
        let Some(site) = self.wanted(input)? else { return Ok(ListRule::default()) };
        let is_it = |column: &&Column| web::normalised(&column.url) == web::normalised(page);
        Ok(site.columns.iter().find(is_it).map_or(&site.list, |column| &column.list).clone())
    }
}
