//! RSS 2.0, by the RSS 2.0 Specification, the RSS Profile, Dublin Core, Atom links, Media RSS and
//! the Syndication module.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Guid, Item as RssItem};

use crate::model::{BEIJING, Composition, Format, Image, Item};

use super::PublicSite;
use super::escape::{DECLARATION, finish, line};
use super::parts;

const NAMESPACES: [(&str, &str); 5] = [
    ("atom", "http://www.w3.org/2005/Atom"),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
];

/// The feed as RSS.
pub(super) fn document(composition: &Composition, site: &PublicSite) -> Result<Vec<u8>, String> {
    let feed = &composition.feed;
    let home = feed
        .home
        .as_ref()
        .map_or_else(|| parts::feed_url(site, &feed.slug, Format::Html), parts::address);
    let channel = Channel {
        title: line(&feed.title),
        link: home,
        description: line(&feed.description),
        language: Some("zh-CN".to_owned()),
        last_build_date: composition.updated.map(|time| rfc822(time.with_timezone(&BEIJING))),
        generator: Some(concat!("lianbo ", env!("CARGO_PKG_VERSION")).to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: Some(feed.ttl_minutes.to_string()),
        items: composition.items.iter().map(|item| rss_item(item, site)).collect(),
        extensions: channel_extensions(composition, site),
        namespaces: NAMESPACES.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).into(),
        ..Channel::default()
    };
    let written = channel.write_to(Vec::new()).map_err(|error| error.to_string())?;
    let written = String::from_utf8(written).map_err(|error| error.to_string())?;
    let body = written.find("<rss").map_or(written.as_str(), |start| &written[start..]);
    Ok(format!("{DECLARATION}{}\n", finish(body)).into_bytes())
}

/// `Tue, 03 Nov 2026 09:05:00 +0800` (RFC 822 with a four-digit year).
fn rfc822(time: DateTime<FixedOffset>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S %z").to_string()
}

fn rss_item(item: &Item, site: &PublicSite) -> RssItem {
    let category = parts::category(item).map(|name| Category { name: line(&name), domain: None });
    let dublin_core = DublinCoreExtension {
        creators: parts::creator(item).map(line).into_iter().collect(),
        sources: item.credit.as_deref().map(line).into_iter().collect(),
        ..DublinCoreExtension::default()
    };
    RssItem {
        title: Some(line(&item.title)),
        link: Some(parts::address(&item.url)),
        description: Some(parts::escaped(parts::summary(item))),
        categories: category.into_iter().collect(),
        guid: Some(Guid { value: line(item.id.as_str()), permalink: false }),
        pub_date: Some(rfc822(item.published)),
        content: Some(parts::content(item, site.lang)),
        dublin_core_ext: Some(dublin_core),
        extensions: item_extensions(item),
        ..RssItem::default()
    }
}

fn item_extensions(item: &Item) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if item.revised > item.first_seen {
        let revised = item.revised.with_timezone(&BEIJING).to_rfc3339();
        add(&mut extensions, "atom", "updated", element("atom:updated", Some(revised), []));
    }
    for image in &item.images {
        let media = media_content(image, item.photographer.as_deref());
        add(&mut extensions, "media", "content", media);
    }
    extensions
}

fn media_content(image: &Image, photographer: Option<&str>) -> Extension {
    let mut media =
        element("media:content", None, [("url", image.url.as_str()), ("medium", "image")]);
    if !image.caption.is_empty() {
        let caption = element("media:description", Some(line(&image.caption)), []);
        media.children.insert("description".to_owned(), vec![caption]);
    }
    if let Some(photographer) = photographer {
        let role = [("role", "photographer")];
        let credit = element("media:credit", Some(line(photographer)), role);
        media.children.insert("credit".to_owned(), vec![credit]);
    }
    media
}

fn channel_extensions(composition: &Composition, site: &PublicSite) -> ExtensionMap {
    let feed = &composition.feed;
    let mut extensions = ExtensionMap::new();
    for &format in &feed.formats {
        let url = parts::feed_url(site, &feed.slug, format);
        let media_type = format.media_type().split(';').next().unwrap_or_default();
        let rel = if format == Format::Rss { "self" } else { "alternate" };
        let attrs = [("href", url.as_str()), ("rel", rel), ("type", media_type)];
        add(&mut extensions, "atom", "link", element("atom:link", None, attrs));
    }
    if let Some(part) = &composition.place.previous {
        let url = parts::archive_url(site, part);
        let attrs =
            [("href", url.as_str()), ("rel", "prev-archive"), ("type", "application/atom+xml")];
        add(&mut extensions, "atom", "link", element("atom:link", None, attrs));
    }
    for hub in &site.hubs {
        let attrs = [("href", hub.as_str()), ("rel", "hub")];
        add(&mut extensions, "atom", "link", element("atom:link", None, attrs));
    }
    let (period, frequency) = rhythm(feed.ttl_minutes);
    let period = element("sy:updatePeriod", Some(period.to_owned()), []);
    let frequency = element("sy:updateFrequency", Some(frequency.to_string()), []);
    add(&mut extensions, "sy", "updatePeriod", period);
    add(&mut extensions, "sy", "updateFrequency", frequency);
    extensions
}

/// Minutes between updates as the Syndication module says it: how often per hour or day.
fn rhythm(minutes: u32) -> (&'static str, u32) {
    match minutes {
        0..=60 => ("hourly", 60 / minutes.max(1)),
        _ => ("daily", (1440 / minutes).max(1)),
    }
}

fn element<const N: usize>(
    name: &str,
    value: Option<String>,
    attrs: [(&str, &str); N],
) -> Extension {
    Extension {
        name: name.to_owned(),
        value,
        attrs: attrs.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        children: BTreeMap::new(),
    }
}

fn add(extensions: &mut ExtensionMap, prefix: &str, name: &str, extension: Extension) {
    let group = extensions.entry(prefix.to_owned()).or_default();
    group.entry(name.to_owned()).or_default().push(extension);
}
