//! The page on which readers search, and what was found.

use minijinja::{Value, context};

use crate::model::{Document, Item, Precision};
use crate::text::plain;

use super::super::api::{Hitlist, Names};
use super::super::{PublicSite, marked, parts};
use super::{document, page};

/// What a reader asked for, as it stands in the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchForm<'a> {
    /// The words.
    pub words: &'a str,
    /// The site's id, or empty.
    pub site: &'a str,
    /// The tag, or empty.
    pub tag: &'a str,
    /// What is wrong with it, for people.
    pub fault: Option<&'a str>,
    /// The same question as a query string, without the place to go on from.
    pub address: &'a str,
}

/// The page with the form, and under it what was found, if something was asked for.
pub fn search_page(
    form: &SearchForm<'_>,
    found: Option<&Hitlist<'_>>,
    names: &Names,
    site: &PublicSite,
) -> Document {
    let sites: Vec<Value> = names
        .sites
        .iter()
        .map(|(id, name)| context! { id => id.as_str(), name, chosen => id.as_str() == form.site })
        .collect();
    let hits = found.map(|list| {
        let hits = list.items.iter().map(|item| hit(item, list, site));
        hits.collect::<Vec<Value>>()
    });
    let address = |path: &str| parts::absolute(site, &format!("{path}?{}", form.address));
    let next = found.and_then(|list| list.next);
    let data = context! {
        words => form.words,
        tag => form.tag,
        fault => form.fault,
        sites,
        asked => found.is_some(),
        hits,
        complete => found.is_none_or(|list| list.complete),
        feed => found.is_some().then(|| address("search.json")),
        next => next.map(|place| format!("{}&before={place}", address("search"))),
    };
    document("search", page("search.html", site, data))
}

fn hit(item: &Item, list: &Hitlist<'_>, site: &PublicSite) -> Value {
    let time = item.posted.filter(|posted| posted.precision() == Precision::Minute);
    let date = item.published.format("%Y-%m-%d").to_string();
    context! {
        title => Value::from_safe_string(marked::line(&item.title, list.query)),
        excerpt => Value::from_safe_string(marked::excerpt(item, list.query)),
        page => parts::item_path(site, item),
        attribution => plain::one_line(&item.attribution),
        date,
        also => super::also_at(item, site),
        time => time.map(|posted| posted.at().format("%H:%M").to_string()),
    }
}
