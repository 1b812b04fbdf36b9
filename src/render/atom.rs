//! Atom (RFC 4287), with archives (RFC 5005) and tombstones (RFC 6721).
//!
//! The library writes extensions of a feed after its entries, which the schema of Appendix B forbids:
//! they are put before the first entry afterwards.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{
    Category, Content, Entry, Feed, Generator, Link, Person, Text, TextType, WriteConfig,
};
use chrono::{DateTime, FixedOffset, SubsecRound, Utc};

use crate::model::{BEIJING, Composition, Extent, Format, Image, Item};

use super::PublicSite;
use super::escape::{DECLARATION, attribute, finish, line};
use super::held::{Files, Shown};
use super::parts;

/// The feed as Atom.
pub(super) fn document(composition: &Composition, site: &PublicSite) -> Result<Vec<u8>, String> {
    let spec = &composition.feed;
    let own = parts::feed_url(site, &spec.slug, Format::Atom);
    let id = match &composition.place.archive {
        Some(part) => parts::archive_url(site, part),
        None => own,
    };
    let feed = Feed {
        title: text(line(&spec.title)),
        subtitle: Some(text(line(&spec.description))),
        id: line(&id),
        // A feed without items has never changed; the format wants a time all the same.
        updated: in_beijing(composition.updated.unwrap_or_default()),
        authors: vec![Person { name: line(publisher(site)), ..Person::default() }],
        generator: Some(Generator {
            value: "lianbo".to_owned(),
            uri: None,
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        rights: Some(text(line(&parts::rights(spec, site)))),
        icon: site.notes.emblems.icon.as_ref().map(parts::address),
        logo: site.notes.emblems.logo.as_ref().map(parts::address),
        links: links(composition, site),
        entries: composition
            .items
            .iter()
            .map(|item| entry(item, Files::of(item, &composition.custody, site), site))
            .collect(),
        namespaces: BTreeMap::from([
            ("dc".to_owned(), "http://purl.org/dc/elements/1.1/".to_owned()),
            ("media".to_owned(), "http://search.yahoo.com/mrss/".to_owned()),
            ("fh".to_owned(), "http://purl.org/syndication/history/1.0".to_owned()),
            ("at".to_owned(), "http://purl.org/atompub/tombstones/1.0".to_owned()),
        ]),
        lang: Some("zh-CN".to_owned()),
        ..Feed::default()
    };
    let config = WriteConfig { write_document_declaration: false, indent_size: None };
    let written = feed.write_with_config(Vec::new(), config).map_err(|error| error.to_string())?;
    let mut written = String::from_utf8(written).map_err(|error| error.to_string())?;
    // Text is escaped, so that the mark stands nowhere else.
    let place = written.find("<entry>").or_else(|| written.rfind("</feed>"));
    written.insert_str(place.ok_or("the writer left no feed")?, &extended(composition));
    Ok(format!("{DECLARATION}{}\n", finish(&written)).into_bytes())
}

/// What the feed says beyond Atom: that it is an archive (RFC 5005 §4), and what was withdrawn
/// (RFC 6721 §3).
fn extended(composition: &Composition) -> String {
    let mut out = String::new();
    if composition.place.archive.is_some() {
        out.push_str("<fh:archive/>");
    }
    for tombstone in &composition.withdrawn {
        let when = in_beijing(tombstone.when).to_rfc3339();
        let id = attribute(tombstone.id.as_str());
        let _ = write!(out, "<at:deleted-entry ref=\"{id}\" when=\"{when}\"/>");
    }
    out
}

/// RFC 4287 §4.2.1 wants an author with a name.
fn publisher(site: &PublicSite) -> &str {
    [site.operator.as_str(), site.title.as_str()]
        .into_iter()
        .find(|name| !name.trim().is_empty())
        .unwrap_or("lianbo")
}

/// Self, the other formats, and the way into the past.
fn links(composition: &Composition, site: &PublicSite) -> Vec<Link> {
    let spec = &composition.feed;
    let link = |rel: &str, href: String, media_type: &str| Link {
        href,
        rel: rel.to_owned(),
        mime_type: Some(media_type.split(';').next().unwrap_or_default().to_owned()),
        ..Link::default()
    };
    let atom = Format::Atom.media_type();
    let mut links = Vec::new();
    match &composition.place.archive {
        Some(part) => {
            links.push(link("self", parts::archive_url(site, part), atom));
            links.push(link("current", parts::feed_url(site, &spec.slug, Format::Atom), atom));
        }
        None => {
            links.extend(spec.formats.iter().map(|&format| {
                let rel = if format == Format::Atom { "self" } else { "alternate" };
                link(rel, parts::feed_url(site, &spec.slug, format), format.media_type())
            }));
            // An archive is nothing that a hub sends.
            links.extend(site.hubs.iter().map(|hub| Link {
                href: parts::address(hub),
                rel: "hub".to_owned(),
                ..Link::default()
            }));
        }
    }
    let previous = composition.place.previous.as_ref();
    links.extend(previous.map(|part| link("prev-archive", parts::archive_url(site, part), atom)));
    links
}

fn entry(item: &Item, files: Files<'_>, site: &PublicSite) -> Entry {
    let categories = parts::filed(item, site).into_iter().map(|filed| Category {
        term: line(&filed.name),
        scheme: filed.column,
        label: Some(line(&filed.path)),
    });
    let author = parts::creator(item).map(|name| Person { name: line(name), ..Person::default() });
    Entry {
        title: text(line(&item.title)),
        id: line(item.id.as_str()),
        updated: in_beijing(item.revised.max(item.published.with_timezone(&Utc))),
        published: Some(item.published.trunc_subsecs(0)),
        authors: author.into_iter().collect(),
        categories: categories.collect(),
        links: entry_links(item, files, site),
        summary: Some(text(line(parts::summary(item)))),
        content: (item.extent == Extent::Full).then(|| Content {
            value: Some(parts::content(item, files, site)),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        rights: files.licence().map(|licence| text(line(licence))),
        extensions: extensions(item, files),
        ..Entry::default()
    }
}

fn entry_links(item: &Item, files: Files<'_>, site: &PublicSite) -> Vec<Link> {
    let alternate = Link {
        href: parts::address(&item.url),
        rel: "alternate".to_owned(),
        mime_type: Some("text/html".to_owned()),
        ..Link::default()
    };
    let enclosures = parts::enclosures(files).into_iter().map(|enclosure| Link {
        href: enclosure.url,
        rel: "enclosure".to_owned(),
        mime_type: Some(enclosure.media_type.to_owned()),
        length: Some(enclosure.size_bytes.to_string()),
        ..Link::default()
    });
    let also = parts::also_at(item, site).map(|place| Link {
        href: place.url,
        rel: "related".to_owned(),
        mime_type: Some("text/html".to_owned()),
        title: Some(line(place.name)),
        ..Link::default()
    });
    std::iter::once(alternate).chain(also).chain(enclosures).collect()
}

fn extensions(item: &Item, files: Files<'_>) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if let Some(credit) = &item.credit {
        let source = Extension {
            name: "dc:source".to_owned(),
            value: Some(line(credit)),
            ..Extension::default()
        };
        let group = extensions.entry("dc".to_owned()).or_default();
        group.insert("source".to_owned(), vec![source]);
    }
    let photographer = item.photographer.as_deref();
    let pictures: Vec<Extension> =
        files.pictures().map(|picture| media_content(&picture, photographer)).collect();
    if !pictures.is_empty() {
        extensions.entry("media".to_owned()).or_default().insert("content".to_owned(), pictures);
    }
    extensions
}

fn media_content(picture: &Shown<'_, Image>, photographer: Option<&str>) -> Extension {
    let attributes = |list: Vec<(&'static str, String)>| {
        list.into_iter().map(|(name, value)| (name.to_owned(), attribute(&value))).collect()
    };
    let Image { alt, caption, .. } = picture.named;
    let words = [("title", alt.as_str()), ("description", caption)].into_iter();
    let words = words.filter(|(_, text)| !text.is_empty()).map(|word| (word, Vec::new()));
    let credit =
        photographer.map(|name| (("credit", name), vec![("role", "photographer".to_owned())]));
    let children = words.chain(credit).map(|((name, text), attrs)| {
        let child = Extension {
            name: format!("media:{name}"),
            value: Some(line(text)),
            attrs: attributes(attrs),
            children: BTreeMap::new(),
        };
        (name.to_owned(), vec![child])
    });
    Extension {
        name: "media:content".to_owned(),
        value: None,
        attrs: attributes(parts::media_attributes(picture)),
        children: children.collect(),
    }
}

fn text(value: String) -> Text {
    Text { value, r#type: TextType::Text, ..Text::default() }
}

fn in_beijing(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    time.with_timezone(&BEIJING).trunc_subsecs(0)
}
