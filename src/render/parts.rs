//! What the formats have in common: addresses, the visible credit line, categories.

use url::Url;

use crate::model::{Asset, ColumnId, FeedSpec, Format, Image, Item, Part, Selection, SiteId};
use crate::text::plain;
use crate::text::sentence::Label;

use super::PublicSite;
use super::held::{Files, Shown};

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

/// `path` below the base address.
pub(super) fn absolute(site: &PublicSite, path: &str) -> String {
    site.base_url.join(path).map_or_else(|_| site.base_url.to_string(), String::from)
}

/// Another site's page of the same story.
pub(super) struct Elsewhere<'a> {
    /// The permanent id of the item there.
    pub(super) id: &'a str,
    /// The site.
    pub(super) site: &'a str,
    /// What it is called.
    pub(super) name: &'a str,
    /// The article.
    pub(super) url: String,
    /// Its page here, below the base address.
    pub(super) path: String,
}

/// Where else the story stands.
pub(super) fn also_at<'a>(
    item: &'a Item,
    site: &'a PublicSite,
) -> impl Iterator<Item = Elsewhere<'a>> {
    item.also_at.iter().map(|place| Elsewhere {
        id: place.id.as_str(),
        site: place.site.as_str(),
        name: site_name(site, &place.site),
        url: address(&place.url),
        path: format!("items/{}/{}", place.site, place.key),
    })
}

/// What a site is called; its id where it is configured no more.
fn site_name<'a>(site: &'a PublicSite, id: &'a SiteId) -> &'a str {
    let named = site.terms.get(id).map(|terms| terms.name.as_str());
    named.filter(|name| !name.is_empty()).unwrap_or(id.as_str())
}

/// The body with the credit line under it, where else the story stands, and the licence line.
pub(super) fn content(item: &Item, files: Files<'_>, site: &PublicSite) -> String {
    let mut html = plain::clean(&files.body());
    for file in files.outside_body() {
        html.push_str("<p><a href=\"");
        html.push_str(&escaped(&file.url));
        html.push_str("\">");
        html.push_str(&escaped(&file.named.name));
        html.push_str("</a></p>");
    }
    html.push_str("<p>");
    html.push_str(&escaped(&item.attribution));
    html.push_str(" <a href=\"");
    html.push_str(&escaped(item.url.as_str()));
    html.push_str("\">");
    html.push_str(Label::Original.text(site.lang));
    html.push_str("</a></p>");
    let also: Vec<String> = also_at(item, site)
        .map(|place| format!("<a href=\"{}\">{}</a>", escaped(&place.url), escaped(place.name)))
        .collect();
    if !also.is_empty() {
        let label = Label::AlsoAt.text(site.lang);
        html.extend(["<p>", label, "：", &also.join("、"), "</p>"]);
    }
    if let Some(licence) = files.licence() {
        html.push_str("<p>");
        html.push_str(&escaped(licence));
        html.push_str("</p>");
    }
    html
}

/// A file that a reader may fetch beside the text: address, media type and length in bytes.
pub(super) struct Enclosure {
    pub(super) url: String,
    pub(super) media_type: &'static str,
    pub(super) size_bytes: u64,
}

/// The attachments that we hold; without any the first picture that we hold. Of other files the
/// length is not known.
pub(super) fn enclosures(files: Files<'_>) -> Vec<Enclosure> {
    let enclosure = |url: String, asset: &Asset| Enclosure {
        url,
        media_type: asset.kind.media_type(),
        size_bytes: asset.size_bytes,
    };
    let attachments = files.attachments().filter_map(|file| Some((file.url, file.asset?)));
    let attachments: Vec<_> = attachments.collect();
    let picture = files.pictures().filter_map(|picture| Some((picture.url, picture.asset?)));
    let chosen: Vec<_> =
        if attachments.is_empty() { picture.take(1).collect() } else { attachments };
    chosen.into_iter().map(|(url, asset)| enclosure(url, asset)).collect()
}

/// The attributes of a picture's `media:content`.
pub(super) fn media_attributes(picture: &Shown<'_, Image>) -> Vec<(&'static str, String)> {
    let mut attributes = vec![("url", picture.url.clone()), ("medium", "image".to_owned())];
    if let Some(asset) = picture.asset {
        attributes.push(("type", asset.kind.media_type().to_owned()));
        attributes.push(("fileSize", asset.size_bytes.to_string()));
        attributes.extend(size_attributes(asset));
    }
    attributes
}

/// Width and height of a picture, where they are known.
pub(super) fn size_attributes(asset: &Asset) -> Vec<(&'static str, String)> {
    let size = asset.size_px.map(|(width, height)| [("width", width), ("height", height)]);
    size.into_iter().flatten().map(|(name, pixels)| (name, pixels.to_string())).collect()
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

/// Something that an item is filed under.
#[derive(PartialEq)]
pub(super) struct Filed {
    /// Its name.
    pub(super) name: String,
    /// The way to it, such as `首页/专题/工商联举措`; its name where that is all.
    pub(super) path: String,
    /// The list page of its column.
    pub(super) column: Option<String>,
}

/// The breadcrumb of an item, which leads to its first column, and its other columns.
pub(super) fn filed(item: &Item, site: &PublicSite) -> Vec<Filed> {
    let mut columns = item.columns.iter().map(|id| site.notes.columns.get(id));
    let mut filed = Vec::new();
    if let Some(name) = item.breadcrumb.last() {
        let column = columns.next().flatten().map(|note| address(&note.url));
        let path = item.breadcrumb.join("/");
        filed.push(Filed { name: name.clone(), path, column });
    }
    for note in columns.flatten() {
        let column = Some(address(&note.url));
        filed.push(Filed { name: note.name.clone(), path: note.name.clone(), column });
    }
    filed
}

/// What holds for the use of a feed: the licence of its site where it is of one, else what holds for
/// all.
pub(super) fn rights(feed: &FeedSpec, site: &PublicSite) -> String {
    let licence = only_site(&feed.selection)
        .and_then(|id| site.terms.get(id))
        .and_then(|terms| terms.licence.clone());
    licence.unwrap_or_else(|| Label::Rights.text(site.lang).to_owned())
}

/// The one site that a selection is of.
fn only_site(selection: &Selection) -> Option<&SiteId> {
    match selection {
        Selection::All => None,
        Selection::Any { sites, columns } => {
            let mut sites = sites.iter().chain(columns.iter().map(ColumnId::site));
            let first = sites.next()?;
            sites.all(|site| site == first).then_some(first)
        }
        Selection::Only { of, .. } | Selection::Released { of, .. } => only_site(of),
    }
}

/// Who is named as the item's creator: the author, else the credit, else nobody.
pub(super) fn creator(item: &Item) -> Option<&str> {
    item.author.as_deref().or(item.credit.as_deref())
}

/// An address as it may stand in a feed: the URL type has it percent-encoded.
pub(super) fn address(url: &Url) -> String {
    url.to_string()
}
