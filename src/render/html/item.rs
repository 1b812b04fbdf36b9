//! The page of an item, with the meta tags a government CMS reads (国办发〔2017〕47号, annex on
//! page design).

use minijinja::{Value, context};

use crate::model::{Custody, Document, Extent, Format, Item, ItemState, Precision};
use crate::text::plain;

use super::super::held::Files;
use super::super::{PublicSite, parts};
use super::{document, minute, page, withdrawn};

/// An item's own page, `items/SITE/KEY.html`; of a withdrawn one only the fact.
pub fn item_page(item: &Item, custody: &Custody, site: &PublicSite) -> Document {
    let path = format!("items/{}/{}.html", item.site, item.key);
    if item.state != ItemState::Live {
        return withdrawn(&path, site);
    }
    document(&path, page("item.html", site, data(item, Files::of(item, custody, site), site)))
}

fn data(item: &Item, held: Files<'_>, site: &PublicSite) -> Value {
    let files: Vec<Value> = held
        .outside_body()
        .map(|file| context! { url => file.url, name => &file.named.name })
        .collect();
    // The home page is not what the article is filed under.
    let crumbs: Vec<&str> =
        item.breadcrumb.iter().map(String::as_str).filter(|name| *name != "首页").collect();
    let slug = item.columns.first().map(ToString::to_string);
    context! {
        title => &item.title,
        url => item.url.as_str(),
        page => parts::item_url(site, item),
        published => printed(item),
        pub_date => item.published.format("%Y-%m-%d %H:%M").to_string(),
        revised => (item.revision > 1).then(|| minute(item.revised)),
        credit => &item.credit,
        author => &item.author,
        editor => &item.editor,
        attribution => &item.attribution,
        source => item.source(),
        breadcrumb => &item.breadcrumb,
        column => crumbs.last().copied(),
        keywords => crumbs.join(";"),
        summary => plain::one_line(parts::summary(item)),
        image => held.pictures().next().map(|picture| picture.url),
        licence => held.licence(),
        body => Value::from_safe_string(held.body().into_owned()),
        partial => item.partial,
        also => super::also_at(item, site),
        excerpt => item.extent == Extent::Summary,
        rss => slug.as_deref().map(|slug| parts::feed_url(site, slug, Format::Rss)),
        feed => slug.as_deref().map(|slug| parts::feed_path(slug, Format::Html)),
        files,
    }
}

/// The date as it was printed; the time we first saw it where none was.
pub(in crate::render) fn printed(item: &Item) -> String {
    match item.posted {
        Some(posted) if posted.precision() == Precision::Day => posted.date().to_string(),
        Some(posted) => posted.at().format("%Y-%m-%d %H:%M").to_string(),
        None => item.published.format("%Y-%m-%d").to_string(),
    }
}
