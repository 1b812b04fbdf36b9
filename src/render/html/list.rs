//! Items in a list, day by day, and the page of a feed.

use minijinja::{Value, context};

use crate::model::{Composition, Format, Item, Precision};
use crate::text::sentence::Label;

use super::super::{PublicSite, parts};
use super::{minute, page};

/// Items under the days they are published on, in the order given.
pub(super) fn days(items: &[Item], site: &PublicSite) -> Vec<Value> {
    items
        .chunk_by(|a, b| a.published.date_naive() == b.published.date_naive())
        .map(|same| {
            let day = same[0].published;
            context! {
                date => day.format("%Y-%m-%d").to_string(),
                year => day.format("%Y").to_string(),
                day => day.format("%m-%d").to_string(),
                items => same.iter().map(|item| brief(item, site)).collect::<Vec<_>>(),
            }
        })
        .collect()
}

/// An item in a list.
fn brief(item: &Item, site: &PublicSite) -> Value {
    let time = item.posted.filter(|posted| posted.precision() == Precision::Minute);
    context! {
        title => &item.title,
        page => parts::item_path(site, item),
        time => time.map(|posted| posted.at().format("%H:%M").to_string()),
        attribution => &item.attribution,
        summary => (item.summary != item.title).then_some(&item.summary),
        also => super::also_at(item, site),
    }
}

/// A feed's page.
pub(in super::super) fn feed(composition: &Composition, site: &PublicSite) -> Vec<u8> {
    let spec = &composition.feed;
    let formats: Vec<Value> = spec
        .formats
        .iter()
        .filter(|format| **format != Format::Html)
        .map(|&format| {
            context! {
                name => name(format),
                purpose => purpose(format).text(site.lang),
                url => parts::feed_url(site, &spec.slug, format),
                media_type => format.media_type().split(';').next(),
            }
        })
        .collect();
    let data = context! {
        title => &spec.title,
        description => (spec.description != spec.title).then_some(&spec.description),
        keywords => spec.title.replace('·', ";"),
        home => spec.home.as_ref().map(parts::address),
        canonical => parts::feed_url(site, &spec.slug, Format::Html),
        updated => composition.updated.map(minute),
        count => composition.items.len(),
        formats,
        days => days(&composition.items, site),
    };
    page("feed.html", site, data)
}

/// What a format is called.
pub(super) fn name(format: Format) -> &'static str {
    match format {
        Format::Rss => "RSS",
        Format::Atom => "Atom",
        Format::Json => "JSON",
        Format::Html => "HTML",
    }
}

fn purpose(format: Format) -> Label {
    match format {
        Format::Rss => Label::ForReaders,
        Format::Atom | Format::Html => Label::ForAnyReader,
        Format::Json => Label::ForPrograms,
    }
}
