//! Turns an article, or a bare list row, into the draft of an item.
//!
//! In: what was found, the site's naming rules, `now`; out: a [`Draft`]. The last sanitising
//! happens here, and ids are made here. No I/O.

mod attribution;
mod key;
mod mask;

use chrono::{DateTime, FixedOffset, Timelike, Utc};
use unicode_normalization::UnicodeNormalization;
use url::Url;

pub use key::article_key;
pub use mask::Mask;

use crate::model::{
    Article, Attachment, BEIJING, Body, ColumnId, Draft, Found, ItemId, Link, Posted, Precision,
    SiteId,
};
use crate::text::{date, plain, sanitise, summary, web};

/// How a site's items are named and credited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The authority of all tag URIs: a domain or mail address of the operator (RFC 4151).
    pub authority: String,
    /// A day on which the operator held the authority: `2026-01-01`.
    pub date: String,
    /// The site.
    pub site: SiteId,
    /// Its name as readers know it: `江苏省工商联`.
    pub site_name: String,
    /// Further names by which it calls itself as a source.
    pub self_names: Vec<String>,
    /// Printed source → the name to show for it.
    pub source_aliases: Vec<(String, String)>,
    /// The source of articles that print none; none means the site.
    pub default_source: Option<String>,
    /// The site's own hosts, mirrors and former ones included, without `www.`; the key of an
    /// address elsewhere carries its host. Empty: every address counts as the site's own.
    pub hosts: Vec<String>,
}

impl Naming {
    /// The key of the article at `url` as listed by this site.
    pub fn key(&self, url: &Url) -> String {
        let host = web::bare_host(url);
        let own = |own: &String| host == *own || host.ends_with(&format!(".{own}"));
        if self.hosts.is_empty() || self.hosts.iter().any(own) {
            article_key(url)
        } else {
            key::foreign(&host, url)
        }
    }
}

/// The body made safe for storing and showing: nothing but the known elements and addresses.
pub fn sanitised(body: &Body) -> Body {
    sanitise::body(body)
}

/// The draft with numbers of persons masked in all that readers see.
pub fn masked(draft: Draft, mask: Mask) -> Draft {
    mask::draft(draft, mask)
}

/// The permanent id of the article with `key`: `tag:{authority},{date}:{site}/{key}` (RFC 4151).
pub fn item_id(naming: &Naming, key: &str) -> ItemId {
    let Naming { authority, date, site, .. } = naming;
    ItemId::from_tag_uri(format!("tag:{authority},{date}:{site}/{key}"))
}

/// The draft of `article`, listed as `link` in `column`; `aliases` are further addresses that led
/// to it.
pub fn draft(
    article: &Article,
    link: Option<&Link>,
    column: &ColumnId,
    naming: &Naming,
    aliases: &[Url],
    now: DateTime<Utc>,
) -> Draft {
    // The address as listed, which the row alone would give too: a redirect that fails today and
    // works tomorrow must not change the id.
    let key = naming.key(link.map_or(&article.url, |link| &link.url));
    let posted = posted(article, link);
    let credit = line(article.credit.as_ref());
    let body = sanitise::body(&article.body.value);
    let mut draft = Draft {
        id: item_id(naming, &key),
        key,
        site: naming.site.clone(),
        column: column.clone(),
        url: article.url.clone(),
        aliases: distinct(&article.url, aliases.iter().chain(link.map(|link| &link.url))),
        title: title(&article.title.value, link),
        attribution: attribution::sentence(credit.as_deref(), naming),
        credit,
        author: line(article.author.as_ref()),
        editor: line(article.editor.as_ref()),
        photographer: line(article.photographer.as_ref()),
        posted,
        published: published(posted, now),
        breadcrumb: breadcrumb(article),
        summary: summary::of(&body.text, &body.images, summary::LIMIT),
        body,
        hash: String::new(),
        partial: false,
        listed_title: link.map_or_else(String::new, |link| link.title.clone()),
    };
    draft.hash = hash(&draft);
    draft
}

/// The draft of a list row whose article page could not be read, or is not to be read.
pub fn draft_from_row(
    link: &Link,
    column: &ColumnId,
    naming: &Naming,
    now: DateTime<Utc>,
) -> Draft {
    let key = naming.key(&link.url);
    let posted = link.posted.or_else(|| date::from_url(&link.url));
    let mut draft = Draft {
        id: item_id(naming, &key),
        key,
        site: naming.site.clone(),
        column: column.clone(),
        url: link.url.clone(),
        aliases: Vec::new(),
        title: plain::one_line(&link.title),
        credit: None,
        author: None,
        editor: None,
        photographer: None,
        attribution: attribution::sentence(None, naming),
        posted,
        published: published(posted, now),
        breadcrumb: Vec::new(),
        body: Body { attachments: file_of(link), ..Body::default() },
        summary: String::new(),
        hash: String::new(),
        partial: true,
        listed_title: link.title.clone(),
    };
    draft.hash = hash(&draft);
    draft
}

/// The file that a row leads to, where it leads to one.
fn file_of(link: &Link) -> Vec<Attachment> {
    let file = Attachment { url: link.url.clone(), name: plain::one_line(&link.title) };
    if web::is_file(&link.url) { vec![file] } else { Vec::new() }
}

/// The article's own date; the row's where there is none or where it knows the minute.
fn posted(article: &Article, link: Option<&Link>) -> Option<Posted> {
    let listed = link.and_then(|link| link.posted);
    let printed = article.posted.as_ref().map(|found| found.value);
    match (printed, listed) {
        (Some(printed), Some(listed))
            if printed.precision() == Precision::Day
                && listed.precision() == Precision::Minute
                && printed.date() == listed.date() =>
        {
            Some(listed)
        }
        (Some(printed), _) => Some(printed),
        (None, listed) => listed.or_else(|| date::from_url(&article.url)),
    }
}

/// The date to publish a new item under: as printed, but never after `now`; a day counts from its
/// start unless it is today.
fn published(posted: Option<Posted>, now: DateTime<Utc>) -> DateTime<FixedOffset> {
    let now = now.with_timezone(&BEIJING);
    let now = now.with_nanosecond(0).unwrap_or(now);
    match posted {
        Some(posted)
            if posted.precision() == Precision::Day && posted.date() == now.date_naive() =>
        {
            now
        }
        Some(posted) => posted.at().min(now),
        None => now,
    }
}

/// The title of the page; the row's where the page's is cut or empty.
fn title(printed: &str, link: Option<&Link>) -> String {
    let printed = plain::one_line(printed);
    let listed = link.map(|link| plain::one_line(&link.title)).unwrap_or_default();
    let stem = printed.trim_end_matches(['…', '.', ' ']);
    let cut = stem.len() < printed.len() && (printed.ends_with('…') || printed.ends_with(".."));
    let better = printed.is_empty()
        || (cut && listed.starts_with(stem) && listed.chars().count() > stem.chars().count());
    if better && !listed.is_empty() { listed } else { printed }
}

fn breadcrumb(article: &Article) -> Vec<String> {
    let crumbs = article.breadcrumb.as_ref().map_or(&[][..], |found| &found.value);
    crumbs.iter().map(|crumb| plain::one_line(crumb)).filter(|crumb| !crumb.is_empty()).collect()
}

fn line(found: Option<&Found<String>>) -> Option<String> {
    found.map(|found| plain::one_line(&found.value)).filter(|text| !text.is_empty())
}

/// The addresses that differ from `url` and from one another.
fn distinct<'a>(url: &Url, others: impl Iterator<Item = &'a Url>) -> Vec<Url> {
    let mut aliases: Vec<Url> = Vec::new();
    for other in others {
        if other != url && !aliases.contains(other) {
            aliases.push(other.clone());
        }
    }
    aliases
}

/// Over title, text, number of pictures, files, credit and date: what readers would call the
/// article. A change of it is a revision.
///
/// Markup, white space, the width of punctuation and letters, the kind of quotation marks and where
/// a picture lies do not count, nor do the scheme and session parameters of addresses.
fn hash(draft: &Draft) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str| {
        hasher.update(part.as_bytes());
        hasher.update(b"\x1f");
    };
    add(&significant(&draft.title));
    add(&significant(&draft.body.text));
    add(&draft.body.images.len().to_string());
    add("files");
    for attachment in &draft.body.attachments {
        add(&web::normalised(&attachment.url));
    }
    add(&significant(draft.credit.as_deref().unwrap_or_default()));
    add(&draft.posted.map(|posted| posted.to_string()).unwrap_or_default());
    hasher.finalize().to_hex()[..16].to_owned()
}

/// What of a text counts: no white space, nothing of width.
fn significant(text: &str) -> String {
    let signs = text.nfkc().filter(|c| !c.is_whitespace());
    let one_kind = |c| match c {
        '“' | '”' | '„' | '〝' | '〞' => '"',
        '‘' | '’' => '\'',
        '—' | '–' | '―' | '─' => '-',
        '·' | '•' | '・' | '‧' => '·',
        c => c,
    };
    signs.map(one_kind).collect()
}

#[cfg(test)]
mod tests;
