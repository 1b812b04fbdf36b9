//! Pages for people: the public page, feeds, items, the state of the daemon.
//!
//! No scripts, nothing from elsewhere but the pictures of articles.

mod embed;
mod export;
mod foot;
mod index;
mod item;
mod list;
mod search;
mod status;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Value, context, escape_formatter};

use crate::model::{BEIJING, Document, Format, Item, Lang};
use crate::text::plain;
use crate::text::sentence::Label;

use super::{PublicSite, parts};

pub use embed::{EmbedLook, embed_page};
pub(super) use export::article;
pub use export::{export_foot, export_head};
pub use index::index;
pub use item::item_page;
pub(super) use item::printed;
pub(super) use list::feed;
pub use search::{SearchForm, search_page};
pub use status::{StatusDigest, StatusPage, StatusRow, status};

const TEMPLATES: [(&str, &str); 9] = [
    ("base.html", include_str!("templates/base.html")),
    ("days.html", include_str!("templates/days.html")),
    ("index.html", include_str!("templates/index.html")),
    ("feed.html", include_str!("templates/feed.html")),
    ("item.html", include_str!("templates/item.html")),
    ("status.html", include_str!("templates/status.html")),
    ("search.html", include_str!("templates/search.html")),
    ("embed.html", include_str!("templates/embed.html")),
    ("notice.html", include_str!("templates/notice.html")),
];
const STYLE: &str = include_str!("templates/style.css");

/// A red square with the character 联, as an address of its own.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'%3E\
%3Crect width='64' height='64' rx='10' fill='%23a8201a'/%3E\
%3Ctext x='32' y='46' font-size='40' text-anchor='middle' fill='%23fff'%3E%E8%81%94%3C/text%3E%3C/svg%3E";

/// Everything a page is made of beside its data, for [`super::fingerprint`].
pub(super) fn sources() -> String {
    let labels = Label::ALL
        .iter()
        .flat_map(|(_, label)| [Lang::Zh, Lang::En].map(|lang| label.text(lang).to_owned()));
    TEMPLATES.iter().map(|(_, text)| (*text).to_owned()).chain(labels).collect::<String>()
        + STYLE
        + ICON
}

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| engine(&TEMPLATES));

/// The template engine with the built-in `templates`.
pub(super) fn engine(templates: &[(&'static str, &'static str)]) -> Environment<'static> {
    let mut pages = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(syntax.expect("the usual delimiters are valid"));
    pages.set_formatter(|out, state, value| match value.as_str() {
        // The engine would write `/` as a reference too, which programs that take addresses from
        // pages by pattern do not expect.
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            Ok(out.write_str(&parts::escaped(text))?)
        }
        _ => escape_formatter(out, state, value),
    });
    for (name, source) in templates {
        pages.add_template(name, source).expect("the built-in templates are tested");
    }
    pages
}

fn page(name: &str, site: &PublicSite, data: Value) -> Vec<u8> {
    let labels: BTreeMap<&str, &str> =
        Label::ALL.iter().map(|(name, label)| (*name, label.text(site.lang))).collect();
    let frame = context! {
        style => STYLE,
        icon => ICON,
        lang => if site.lang == Lang::Zh { "zh-CN" } else { "en" },
        site => context! {
            title => &site.title,
            operator => &site.operator,
            base => site.base_url.as_str(),
            domain => domain(site),
            code => site.site_id_code.as_deref(),
            root => site.base_url.path(),
        },
        foot => foot::lines(site),
        t => labels,
    };
    let template = PAGES.get_template(name).expect("the built-in templates are tested");
    let html = template.render(context! { ..data, ..frame });
    plain::clean(&html.expect("the built-in templates are tested")).into_bytes()
}

/// The host readers use, with a port that is not the usual one: the meta tag `SiteDomain`.
fn domain(site: &PublicSite) -> String {
    let host = site.base_url.host_str().unwrap_or_default();
    site.base_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Where else a story stands: the names of the sites, and their items' pages here.
fn also_at(item: &Item, site: &PublicSite) -> Vec<Value> {
    let root = site.base_url.path();
    let each = parts::also_at(item, site)
        .map(|place| context! { name => place.name, page => format!("{root}{}", place.path) });
    each.collect()
}

fn document(path: &str, bytes: Vec<u8>) -> Document {
    let path = path.to_owned();
    Document { path, media_type: Format::Html.media_type(), bytes: Bytes::from(bytes) }
}

fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M").to_string()
}

/// The page for an address that leads nowhere.
pub fn not_found(site: &PublicSite) -> Document {
    notice("404.html", Label::NotFound, Label::NotFoundHow, site)
}

/// The page for an address that will lead somewhere after the first refresh.
pub fn not_yet(site: &PublicSite) -> Document {
    notice("503.html", Label::NotYet, Label::NotYetHow, site)
}

/// The page in the place of an item that was withdrawn.
pub fn withdrawn(path: &str, site: &PublicSite) -> Document {
    notice(path, Label::Withdrawn, Label::WithdrawnHow, site)
}

/// The page in the place of a feed that has ended.
pub fn retired(site: &PublicSite) -> Document {
    notice("410.html", Label::Retired, Label::RetiredHow, site)
}

fn notice(path: &str, what: Label, how: Label, site: &PublicSite) -> Document {
    let data = context! { what => what.text(site.lang), how => how.text(site.lang) };
    document(path, page("notice.html", site, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_use_the_labels_there_are_and_all_of_them() {
        let pattern = regex::Regex::new(r"\bt\.(\w+)").unwrap();
        let sources: String = TEMPLATES.iter().map(|(_, source)| *source).collect();
        let used: Vec<&str> =
            pattern.captures_iter(&sources).map(|found| found.extract::<1>().1[0]).collect();
        for name in &used {
            assert!(Label::ALL.iter().any(|(known, _)| known == name), "t.{name}");
        }
        assert!(used.len() > 40, "{used:?}");
    }
}
