//! JSON Feed 1.1.

use serde::Serialize;

use crate::model::{BEIJING, Composition, Extent, Format, Image, Item, Tombstone};
use crate::text::plain;

use super::PublicSite;
use super::held::{Files, Shown};
use super::parts;

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    description: String,
    language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    favicon: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<Entry<'a>>,
    _lianbo: History<'a>,
}

/// What the format has no place for: who may use the feed how, its past, what was withdrawn of it.
#[derive(Serialize)]
struct History<'a> {
    rights: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_archive: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    withdrawn: Vec<Withdrawn<'a>>,
}

#[derive(Serialize)]
struct Withdrawn<'a> {
    id: &'a str,
    when: String,
    seq: u64,
}

#[derive(Serialize)]
struct Hub<'a> {
    r#type: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Author {
    name: String,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    url: String,
    title: String,
    content_html: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File>,
    _lianbo: Extension<'a>,
}

#[derive(Serialize)]
struct File {
    url: String,
    mime_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    title: String,
}

/// A picture with all that is known of it.
#[derive(Serialize)]
struct Picture<'a> {
    url: String,
    /// Where the article has it; the same as `url` while we do not hold it.
    original: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    alt: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    caption: String,
}

/// What the format has no place for.
#[derive(Serialize)]
struct Extension<'a> {
    seq: u64,
    revision: u32,
    site: &'a str,
    columns: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<String>,
    attribution: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted: Option<String>,
    page: String,
    /// Named where `content_html` is not all that there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<Extent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<Picture<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also_at: Vec<Also>,
}

/// Another site's page of the same story.
#[derive(Serialize)]
pub(super) struct Also {
    id: String,
    site: String,
    site_name: String,
    url: String,
    page: String,
}

/// Where else the story of `item` stands.
pub(super) fn also_at(item: &Item, site: &PublicSite) -> Vec<Also> {
    let each = parts::also_at(item, site).map(|place| Also {
        id: place.id.to_owned(),
        site: place.site.to_owned(),
        site_name: plain::one_line(place.name),
        page: parts::absolute(site, &place.path),
        url: place.url,
    });
    each.collect()
}

/// The feed as JSON.
pub(super) fn document(composition: &Composition, site: &PublicSite) -> Result<Vec<u8>, String> {
    let spec = &composition.feed;
    let own = parts::feed_url(site, &spec.slug, Format::Json);
    let page = parts::feed_url(site, &spec.slug, Format::Html);
    let home = spec.home.as_ref().map_or(page, parts::address);
    document_at(composition, own, home, site)
}

/// The same at the address `own`, with `home` as the page where people see it.
pub(super) fn document_at(
    composition: &Composition,
    own: String,
    home: String,
    site: &PublicSite,
) -> Result<Vec<u8>, String> {
    let spec = &composition.feed;
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: plain::one_line(&spec.title),
        home_page_url: home,
        feed_url: own,
        description: plain::one_line(&spec.description),
        language: "zh-CN",
        icon: site.notes.emblems.icon.as_ref().map(parts::address),
        favicon: site.notes.emblems.favicon.as_ref().map(parts::address),
        authors: author(Some(&site.operator)),
        hubs: site.hubs.iter().map(|hub| Hub { r#type: "WebSub", url: hub.as_str() }).collect(),
        items: composition
            .items
            .iter()
            .map(|item| entry(item, Files::of(item, &composition.custody, site), site))
            .collect(),
        _lianbo: History {
            rights: plain::one_line(&parts::rights(spec, site)),
            prev_archive: composition
                .place
                .previous
                .as_ref()
                .map(|part| parts::archive_url(site, part)),
            withdrawn: composition.withdrawn.iter().map(withdrawn).collect(),
        },
    };
    let mut bytes = serde_json::to_vec(&feed).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn withdrawn(tombstone: &Tombstone) -> Withdrawn<'_> {
    Withdrawn {
        id: tombstone.id.as_str(),
        when: tombstone.when.with_timezone(&BEIJING).to_rfc3339(),
        seq: tombstone.seq,
    }
}

fn author(name: Option<&str>) -> Vec<Author> {
    let name = name.map(plain::one_line).filter(|name| !name.is_empty());
    name.map(|name| Author { name }).into_iter().collect()
}

fn entry<'a>(item: &'a Item, files: Files<'a>, site: &PublicSite) -> Entry<'a> {
    Entry {
        id: item.id.as_str(),
        url: parts::address(&item.url),
        title: plain::one_line(&item.title),
        content_html: parts::content(item, files, site),
        summary: plain::one_line(parts::summary(item)),
        image: files.pictures().next().map(|picture| picture.url),
        date_published: item.published.to_rfc3339(),
        date_modified: item.revised.with_timezone(&BEIJING).to_rfc3339(),
        authors: author(parts::creator(item)),
        tags: tags(item, site),
        attachments: files
            .attachments()
            .map(|file| File {
                mime_type: match file.asset {
                    Some(asset) => asset.kind.media_type(),
                    None => media_type(file.named.url.path()),
                },
                size_in_bytes: file.asset.map(|asset| asset.size_bytes),
                title: plain::one_line(&file.named.name),
                url: file.url,
            })
            .collect(),
        _lianbo: Extension {
            seq: item.seq,
            revision: item.revision,
            site: item.site.as_str(),
            columns: item.columns.iter().map(ToString::to_string).collect(),
            credit: item.credit.as_deref().map(plain::one_line),
            attribution: plain::one_line(&item.attribution),
            posted: item.posted.map(|posted| posted.to_string()),
            page: parts::item_url(site, item),
            extent: (item.extent != Extent::Full).then_some(item.extent),
            licence: files.licence().map(plain::one_line),
            pictures: files.pictures().map(picture).collect(),
            also_at: also_at(item, site),
        },
    }
}

/// The names on the way to the item, and those of its other columns.
fn tags(item: &Item, site: &PublicSite) -> Vec<String> {
    let columns = parts::filed(item, site).into_iter().map(|filed| filed.name);
    let mut tags: Vec<String> = Vec::new();
    for name in item.breadcrumb.iter().cloned().chain(columns) {
        let name = plain::one_line(&name);
        if !tags.contains(&name) {
            tags.push(name);
        }
    }
    tags
}

fn picture(shown: Shown<'_, Image>) -> Picture<'_> {
    let (width, height) = shown.asset.and_then(|asset| asset.size_px).unzip();
    Picture {
        original: shown.named.url.as_str(),
        mime_type: shown.asset.map(|asset| asset.kind.media_type()),
        size_in_bytes: shown.asset.map(|asset| asset.size_bytes),
        width,
        height,
        alt: plain::one_line(&shown.named.alt),
        caption: plain::one_line(&shown.named.caption),
        url: shown.url,
    }
}

/// The media type of a file by its ending.
pub(super) fn media_type(path: &str) -> &'static str {
    let ending = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "doc" | "wps" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" | "et" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ppt" => "application/vnd.ms-powerpoint",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "zip" => "application/zip",
        "rar" => "application/vnd.rar",
        _ => "application/octet-stream",
    }
}
