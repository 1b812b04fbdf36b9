//! The command `capture`: a page, and what it should give, as a folder of fixtures holds them.
//!
//! The bytes are kept as they came. The expected result is what is read today, a draft for a
//! person: a fixture that nobody read proves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use url::Url;

use crate::config::{Column, Site};
use crate::daemon::machine_clock;
use crate::discover;
use crate::extract;
use crate::model::{
    Article, Attachment, Call, Lang, Link, Listing, Page, Posted, Precision, Rejection,
};
use crate::normalize;
use crate::text::{charset, web};

use super::args::CaptureArgs;
use super::operate::block_on;
use super::sight::{Ground, address};
use super::{Args, CANNOT_WORK, FINE, Failure, USAGE, print, say};

/// What an article page should give; the keys are those of the fixtures in `tests/pages`.
#[derive(Debug, Default, Serialize)]
struct ExpectedArticle {
    url: String,
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched: Option<DateTime<Utc>>,
    title: Option<String>,
    posted: Option<Posted>,
    posted_precision: &'static str,
    credit: Option<String>,
    author: Option<String>,
    editor: Option<String>,
    breadcrumb: Vec<String>,
    text: Vec<String>,
    images: Vec<ExpectedImage>,
    attachments: Vec<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<String>,
}

#[derive(Debug, Serialize)]
struct ExpectedImage {
    url: Url,
    caption: String,
}

/// What a list page should give.
#[derive(Debug, Serialize)]
struct ExpectedList {
    url: String,
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched: Option<DateTime<Utc>>,
    links: Vec<Link>,
    next: Vec<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<String>,
}

/// `lianbo capture`.
pub(super) fn capture(args: &Args, lang: Lang, asked: &CaptureArgs) -> Result<u8, Failure> {
    let (url, folder) = places(asked, lang)?;
    let folder = folder.join(name(&url));
    if !asked.force && ["page.html", "expected.json"].iter().any(|name| folder.join(name).exists())
    {
        let message = say::fixture_there(lang, &folder.display().to_string());
        return Err(Failure { code: USAGE, message });
    }
    let (page, expected, rejected) = block_on(async {
        let ground = Ground::open(args, lang).await?;
        let site = ground.site(asked.site.as_deref(), &url)?;
        let page = match &asked.file {
            Some(file) => ground.file(file, &url, machine_clock()())?,
            None => ground.visit(&url, site).await?,
        };
        // A redirect is not kept: the page is read as what it is at the address that answered.
        let (expected, rejected) = match asked.list {
            true => list(&page, site)?,
            false => article(&page, site)?,
        };
        Ok((page, expected, rejected))
    })?;
    store(&folder, &page.body, &expected).map_err(|error| Failure {
        code: CANNOT_WORK,
        message: format!("{}: {error}", folder.display()),
    })?;
    if let Some(reason) = rejected {
        eprint!("{}", say::rejected(lang, &reason));
    }
    eprintln!("{}", say::read_it_first(lang, &folder.join("expected.json").display().to_string()));
    print(&format!("{}\n", folder.display())).map(|_| FINE)
}

/// The page's address and the folder: `URL DIR`, or `--url URL DIR`.
fn places(asked: &CaptureArgs, lang: Lang) -> Result<(Url, PathBuf), Failure> {
    let (text, folder) = match (asked.places.as_slice(), &asked.url) {
        ([url, folder], None) => (url, folder),
        ([folder], Some(url)) => (url, folder),
        _ => return Err(Failure { code: USAGE, message: say::capture_wants(lang).to_owned() }),
    };
    match address(text) {
        Some(url) => Ok((url, PathBuf::from(folder))),
        None => Err(Failure { code: USAGE, message: say::no_address(lang, text) }),
    }
}

/// The folder of the fixture of `url`: its host and what its path says of the article.
fn name(url: &Url) -> String {
    let text = format!("{}-{}", web::bare_host(url), normalize::article_key(url));
    let mut name = String::new();
    for c in text.chars().take(100) {
        let kept = c.is_alphanumeric() || matches!(c, '.' | '_');
        match kept {
            true => name.push(c),
            false if !name.ends_with('-') => name.push('-'),
            false => {}
        }
    }
    name.trim_matches(['-', '.']).to_owned()
}

/// What `read` gives of the bytes at hand, and when they were seen where that matters.
fn reading<T: PartialEq>(
    page: &Page,
    read: impl Fn(&str, Option<DateTime<Utc>>) -> Result<T, Rejection>,
) -> (Result<T, Rejection>, Option<DateTime<Utc>>) {
    // Without its header, which a fixture does not keep.
    let text = match charset::text(&page.body, None) {
        Ok(text) => text,
        Err(rejection) => return (Err(rejection), None),
    };
    let seen = read(&text, Some(page.fetched));
    let fetched = (read(&text, None) != seen).then_some(page.fetched);
    (seen, fetched)
}

fn article(page: &Page, site: Option<&Site>) -> Result<(Vec<u8>, Option<String>), Failure> {
    let rule = site.map(|site| site.article.clone()).unwrap_or_default();
    let (read, fetched) = reading(page, |text, seen| extract::read(text, &page.url, seen, &rule));
    let mut expected = ExpectedArticle {
        url: page.url.to_string(),
        site: site.map(|site| site.id.to_string()),
        fetched,
        posted_precision: "none",
        ..ExpectedArticle::default()
    };
    match read {
        Ok(article) => fill(&mut expected, article),
        Err(rejection) => expected.rejected = Some(rejection.to_string()),
    }
    let rejected = expected.rejected.clone();
    Ok((pretty(&expected)?, rejected))
}

fn fill(expected: &mut ExpectedArticle, article: Article) {
    let body = normalize::sanitised(&article.body.value);
    expected.title = Some(article.title.value);
    expected.posted = article.posted.map(|found| found.value);
    expected.posted_precision = match expected.posted.map(|posted| posted.precision()) {
        Some(Precision::Day) => "day",
        Some(Precision::Minute) => "minute",
        None => "none",
    };
    expected.credit = article.credit.map(|found| found.value);
    expected.author = article.author.map(|found| found.value);
    expected.editor = article.editor.map(|found| found.value);
    expected.breadcrumb = article.breadcrumb.map(|found| found.value).unwrap_or_default();
    expected.text = body.text.lines().map(str::to_owned).collect();
    let images = body.images.into_iter();
    expected.images =
        images.map(|image| ExpectedImage { url: image.url, caption: image.caption }).collect();
    expected.attachments = body.attachments;
}

fn list(page: &Page, site: Option<&Site>) -> Result<(Vec<u8>, Option<String>), Failure> {
    let is_it = |column: &&Column| web::normalised(&column.url) == web::normalised(&page.requested);
    let rule = site.map(|site| {
        site.columns.iter().find(is_it).map_or(&site.list, |column| &column.list).clone()
    });
    let rule = rule.unwrap_or_default();
    let call = Call::get(page.url.clone());
    let (read, fetched) = reading(page, |text, seen| discover::read(text, &call, seen, &rule));
    let rejected = read.as_ref().err().map(Rejection::to_string);
    let Listing { links, next, .. } = read.unwrap_or_default();
    let next = next.into_iter().map(|call| call.url).collect();
    let site = site.map(|site| site.id.to_string());
    let expected = ExpectedList {
        url: page.url.to_string(),
        site,
        fetched,
        links,
        next,
        rejected: rejected.clone(),
    };
    Ok((pretty(&expected)?, rejected))
}

/// JSON as a person reads and edits it, indented as the fixtures are.
fn pretty(expected: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let format = PrettyFormatter::with_indent(b" ");
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, format);
    expected
        .serialize(&mut writer)
        .map_err(|error| Failure { code: CANNOT_WORK, message: error.to_string() })?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[expect(clippy::disallowed_methods, reason = "the operator asked for these two files")]
fn store(folder: &Path, page: &[u8], expected: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("page.html"), page)?;
    fs::write(folder.join("expected.json"), expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_are_named_after_host_and_article() {
        let name = |url: &str| name(&Url::parse(url).unwrap());
        let trs = "http://www.sheng.test/yw/202611/t20261118_700101.html";
        assert_eq!(name(trs), "sheng.test-trs-700101");
        let (one, other) = (name("http://a.test/show.asp?x=7"), name("http://a.test/show.asp?x=8"));
        assert!(one.starts_with("a.test-") && one != other, "{one} {other}");
        for url in ["http://a.test/", "http://a.test/..%2f..%2fetc/", "http://a.test/?..\\x=/../y"]
        {
            let name = name(url);
            assert!(!name.contains(['/', '\\', '%']) && !name.starts_with('.'), "{name}");
        }
    }
}
