//! What the formats have in common: addresses, the visible credit line, categories.

use url::Url;

use crate::model::{Format, Item, Lang, Part};
use crate::text::plain;
use crate::text::sentence::Label;

use super::PublicSite;

/// Where a feed is published in a format: `feeds/SLUG.FORMAT`.
pub fn feed_path(slug: &str, format: Format) -> String {
    format!("feeds/{slug}.{}", format.extension())
}

/// Where an archive of a feed is published: `archives/SLUG/2026-10.atom`.
pub fn archive_path(part: &Part) -> String {
    format!("archives/{}/{}.atom", part.slug, part.name())
}

/// The absolute address of an archive.
pub(super) fn archive_url(site: &PublicSite, part: &Part) -> String {
    absolute(site, &archive_path(part))
}

/// Whether the document at `path` is one that hubs send: a feed for programs.
pub fn is_topic(path: &str) -> bool {
    path.strip_prefix("feeds/").and_then(|name| name.rsplit_once('.')).is_some_and(|(_, ending)| {
        let formats = [Format::Rss, Format::Atom, Format::Json];
        formats.into_iter().any(|format| format.extension() == ending)
    })
}

/// The absolute address of a feed's document.
pub(super) fn feed_url(site: &PublicSite, slug: &str, format: Format) -> String {
    absolute(site, &feed_path(slug, format))
}

/// The absolute address of an item's page here.
pub(super) fn item_url(site: &PublicSite, item: &Item) -> String {
    absolute(site, &format!("items/{}/{}", item.site, item.key))
}

/// The path of an item's page as links on our own pages have it.
pub(super) fn item_path(site: &PublicSite, item: &Item) -> String {
    format!("{}items/{}/{}", site.base_url.path(), item.site, item.key)
}

/// Whose text it is: the attribution without its label and without where it was taken from.
pub(super) fn source(item: &Item) -> &str {
    let line = item.attribution.as_str();
    let named = line.strip_prefix("来源").map_or(line, |rest| rest.trim_start_matches(['：', ':']));
    named.split_once("（转自").map_or(named, |(source, _)| source)
}

/// `path` below the base address.
pub(super) fn absolute(site: &PublicSite, path: &str) -> String {
    site.base_url.join(path).map_or_else(|_| site.base_url.to_string(), String::from)
}

/// The body with the credit line under it.
pub(super) fn content(item: &Item, lang: Lang) -> String {
    let mut html = plain::clean(&item.html);
    for attachment in outside_body(item) {
        html.push_str("<p><a href=\"");
        html.push_str(&escaped(attachment.url.as_str()));
        html.push_str("\">");
        html.push_str(&escaped(&attachment.name));
        html.push_str("</a></p>");
    }
    html.push_str("<p>");
    html.push_str(&escaped(&item.attribution));
    html.push_str(" <a href=\"");
    html.push_str(&escaped(item.url.as_str()));
    html.push_str("\">");
    html.push_str(Label::Original.text(lang));
    html.push_str("</a></p>");
    html
}

/// Files that no link in the body leads to.
pub(super) fn outside_body(item: &Item) -> impl Iterator<Item = &crate::model::Attachment> {
    item.attachments.iter().filter(|file| !item.html.contains(&escaped(file.url.as_str())))
}

/// Plain text as HTML text or attribute value.
pub(super) fn escaped(text: &str) -> String {
    plain::one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The summary; the title where there is none, since readers want some description.
pub(super) fn summary(item: &Item) -> &str {
    if item.summary.is_empty() { &item.title } else { &item.summary }
}

/// The breadcrumb as one category, such as `首页/专题/工商联举措`; empty without one.
pub(super) fn category(item: &Item) -> Option<String> {
    (!item.breadcrumb.is_empty()).then(|| item.breadcrumb.join("/"))
}

/// Who is named as the item's creator: the author, else the credit, else nobody.
pub(super) fn creator(item: &Item) -> Option<&str> {
    item.author.as_deref().or(item.credit.as_deref())
}

/// An address as it may stand in a feed: the URL type has it percent-encoded.
pub(super) fn address(url: &Url) -> String {
    url.to_string()
}
