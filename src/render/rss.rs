//! RSS 2.0, by the RSS 2.0 Specification, the RSS Profile, Dublin Core, Atom links, Media RSS and
//! the Syndication module.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Weekday};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image as RssImage, Item as RssItem};

use crate::model::{BEIJING, Composition, Emblems, Extent, FeedSpec, Format, Image, Item, Rhythm};

use super::PublicSite;
use super::escape::{DECLARATION, finish, line};
use super::held::{Files, Shown};
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
    let rhythm = rhythm(composition, site);
    let channel = Channel {
        title: line(&feed.title),
        link: home.clone(),
        description: line(&feed.description),
        language: Some("zh-CN".to_owned()),
        last_build_date: composition.updated.map(|time| rfc822(time.with_timezone(&BEIJING))),
        generator: Some(concat!("lianbo ", env!("CARGO_PKG_VERSION")).to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        copyright: Some(line(&parts::rights(feed, site))),
        image: image(&site.notes.emblems, feed, &home),
        skip_hours: rhythm.idle_hours.iter().map(u8::to_string).collect(),
        skip_days: rhythm.idle_days.iter().map(|&day| weekday(day).to_owned()).collect(),
        ttl: Some(feed.ttl_minutes.to_string()),
        items: composition
            .items
            .iter()
            .map(|item| rss_item(item, Files::of(item, &composition.custody, site), site))
            .collect(),
        extensions: channel_extensions(composition, site),
        namespaces: NAMESPACES.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).into(),
        ..Channel::default()
    };
    let written = channel.write_to(Vec::new()).map_err(|error| error.to_string())?;
    let written = String::from_utf8(written).map_err(|error| error.to_string())?;
    let body = written.find("<rss").map_or(written.as_str(), |start| &written[start..]);
    Ok(format!("{DECLARATION}{}\n", finish(body)).into_bytes())
}

/// Title and link are those of the channel (RSS 2.0, "Elements of `<image>`").
fn image(emblems: &Emblems, feed: &FeedSpec, home: &str) -> Option<RssImage> {
    let url = emblems.logo.as_ref()?;
    Some(RssImage {
        url: parts::address(url),
        title: line(&feed.title),
        link: home.to_owned(),
        width: emblems.logo_width.map(|pixels| pixels.to_string()),
        height: emblems.logo_height.map(|pixels| pixels.to_string()),
        description: None,
    })
}

/// When there is news, as the schedule says; by the time between polls where none is known.
fn rhythm(composition: &Composition, site: &PublicSite) -> Rhythm {
    let feed = &composition.feed;
    site.notes.rhythms.get(&feed.slug).cloned().unwrap_or_else(|| Rhythm {
        minutes: feed.ttl_minutes,
        base: composition.updated.unwrap_or_default(),
        idle_hours: Vec::new(),
        idle_days: Vec::new(),
    })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// `Tue, 03 Nov 2026 09:05:00 +0800` (RFC 822 with a four-digit year).
pub(super) fn rfc822(time: DateTime<FixedOffset>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S %z").to_string()
}

fn rss_item(item: &Item, files: Files<'_>, site: &PublicSite) -> RssItem {
    let categories = parts::filed(item, site).into_iter();
    let categories =
        categories.map(|filed| Category { name: line(&filed.path), domain: filed.column });
    let dublin_core = DublinCoreExtension {
        creators: parts::creator(item).map(line).into_iter().collect(),
        sources: item.credit.as_deref().map(line).into_iter().collect(),
        rights: files.licence().map(line).into_iter().collect(),
        ..DublinCoreExtension::default()
    };
    // One at most (RSS Advisory Board, "Enclosures").
    let enclosure = parts::enclosures(files).into_iter().next().map(|enclosure| Enclosure {
        url: enclosure.url,
        length: enclosure.size_bytes.to_string(),
        mime_type: enclosure.media_type.to_owned(),
    });
    RssItem {
        title: Some(line(&item.title)),
        link: Some(parts::address(&item.url)),
        description: Some(parts::escaped(parts::summary(item))),
        categories: categories.collect(),
        enclosure,
        guid: Some(Guid { value: line(item.id.as_str()), permalink: false }),
        pub_date: Some(rfc822(item.published)),
        content: (item.extent == Extent::Full).then(|| parts::content(item, files, site)),
        dublin_core_ext: Some(dublin_core),
        extensions: item_extensions(item, files),
        ..RssItem::default()
    }
}

fn item_extensions(item: &Item, files: Files<'_>) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if item.revised > item.first_seen {
        let revised = item.revised.with_timezone(&BEIJING).to_rfc3339();
        add(&mut extensions, "atom", "updated", element("atom:updated", Some(revised), []));
    }
    for picture in files.pictures() {
        let media = media_content(&picture, item.photographer.as_deref());
        add(&mut extensions, "media", "content", media);
    }
    // The lead picture, where we know that it is one.
    if let Some((url, asset)) = files.pictures().find_map(|held| Some((held.url, held.asset?))) {
        let attributes = std::iter::once(("url", url)).chain(parts::size_attributes(asset));
        let thumbnail = element("media:thumbnail", None, attributes);
        add(&mut extensions, "media", "thumbnail", thumbnail);
    }
    extensions
}

fn media_content(picture: &Shown<'_, Image>, photographer: Option<&str>) -> Extension {
    let mut media = element("media:content", None, parts::media_attributes(picture));
    let Image { alt, caption, .. } = picture.named;
    for (name, words) in [("title", alt), ("description", caption)] {
        if !words.is_empty() {
            let words = element(&format!("media:{name}"), Some(line(words)), []);
            media.children.insert(name.to_owned(), vec![words]);
        }
    }
    if let Some(photographer) = photographer {
        let role = [("role", "photographer".to_owned())];
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
        let attrs = [("href", url), ("rel", rel.to_owned()), ("type", media_type.to_owned())];
        add(&mut extensions, "atom", "link", element("atom:link", None, attrs));
    }
    if let Some(part) = &composition.place.previous {
        let url = parts::archive_url(site, part);
        let media_type = "application/atom+xml".to_owned();
        let attrs = [("href", url), ("rel", "prev-archive".to_owned()), ("type", media_type)];
        add(&mut extensions, "atom", "link", element("atom:link", None, attrs));
    }
    for hub in &site.hubs {
        let attrs = [("href", hub.to_string()), ("rel", "hub".to_owned())];
        add(&mut extensions, "atom", "link", element("atom:link", None, attrs));
    }
    let rhythm = rhythm(composition, site);
    let (period, frequency) = how_often(rhythm.minutes);
    let period = element("sy:updatePeriod", Some(period.to_owned()), []);
    let frequency = element("sy:updateFrequency", Some(frequency.to_string()), []);
    add(&mut extensions, "sy", "updatePeriod", period);
    add(&mut extensions, "sy", "updateFrequency", frequency);
    if rhythm.base > DateTime::UNIX_EPOCH {
        let base = rhythm.base.with_timezone(&BEIJING).to_rfc3339();
        add(&mut extensions, "sy", "updateBase", element("sy:updateBase", Some(base), []));
    }
    extensions
}

/// Minutes between updates as the Syndication module says it: how often an hour, day, week….
fn how_often(minutes: u32) -> (&'static str, u32) {
    const DAY: u32 = 24 * 60;
    match minutes {
        0..=60 => ("hourly", 60 / minutes.max(1)),
        _ if minutes < 7 * DAY => ("daily", (DAY / minutes).max(1)),
        _ if minutes < 28 * DAY => ("weekly", 1),
        _ if minutes < 365 * DAY => ("monthly", 1),
        _ => ("yearly", 1),
    }
}

fn element(
    name: &str,
    value: Option<String>,
    attrs: impl IntoIterator<Item = (&'static str, String)>,
) -> Extension {
    Extension {
        name: name.to_owned(),
        value,
        attrs: attrs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        children: BTreeMap::new(),
    }
}

fn add(extensions: &mut ExtensionMap, prefix: &str, name: &str, extension: Extension) {
    let group = extensions.entry(prefix.to_owned()).or_default();
    group.entry(name.to_owned()).or_default().push(extension);
}
