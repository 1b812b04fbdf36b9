//! Pages for people: the public page, feeds, items, the state of the daemon.

use std::sync::LazyLock;

use bytes::Bytes;
use chrono::{DateTime, FixedOffset, Utc};
use minijinja::{Environment, Value, context};

use crate::model::{BEIJING, Composition, Document, FeedLink, Format, Item, Lang, Problem};
use crate::text::sentence::{self, Label};

use super::parts;
use super::{PublicSite, StatusRow};

const TEMPLATES: [(&str, &str); 6] = [
    ("base.html", include_str!("templates/base.html")),
    ("index.html", include_str!("templates/index.html")),
    ("feed.html", include_str!("templates/feed.html")),
    ("item.html", include_str!("templates/item.html")),
    ("status.html", include_str!("templates/status.html")),
    ("missing.html", include_str!("templates/missing.html")),
];
const STYLE: &str = include_str!("templates/style.css");

/// Everything a page is made of beside its data, for [`super::fingerprint`].
pub(super) const SOURCES: [&str; 7] = [
    TEMPLATES[0].1,
    TEMPLATES[1].1,
    TEMPLATES[2].1,
    TEMPLATES[3].1,
    TEMPLATES[4].1,
    TEMPLATES[5].1,
    STYLE,
];

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, source) in TEMPLATES {
        pages.add_template(name, source).expect("the built-in templates are tested");
    }
    pages
});

fn page(name: &str, site: &PublicSite, data: Value) -> Vec<u8> {
    let labels: Value =
        Label::ALL.iter().map(|(name, label)| (*name, label.text(site.lang))).collect();
    let frame = context! {
        style => STYLE,
        lang => if site.lang == Lang::Zh { "zh-CN" } else { "en" },
        site => context! {
            title => &site.title,
            operator => &site.operator,
            contact => site.contact.as_deref(),
            contact_link => site.contact.as_deref().map(contact_link),
            base => site.base_url.as_str(),
            root => site.base_url.path(),
        },
        t => labels,
    };
    let template = PAGES.get_template(name).expect("the built-in templates are tested");
    let html = template.render(context! { ..data, ..frame });
    html.expect("the built-in templates are tested").into_bytes()
}

fn contact_link(contact: &str) -> String {
    if contact.contains("://") { contact.to_owned() } else { format!("mailto:{contact}") }
}

fn document(path: String, bytes: Vec<u8>) -> Document {
    Document { path, media_type: Format::Html.media_type(), bytes: Bytes::from(bytes) }
}

/// The public page: `index.html`.
pub fn index(feeds: &[FeedLink], newest: &[Item], site: &PublicSite) -> Document {
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for link in feeds {
        let name = match link.group.as_str() {
            "" => Label::Composite.text(site.lang).to_owned(),
            name => name.to_owned(),
        };
        if groups.last().is_none_or(|group| group.0 != name) {
            groups.push((name, Vec::new()));
        }
        if let Some(group) = groups.last_mut() {
            group.1.push(feed_link(link));
        }
    }
    let groups: Vec<Value> =
        groups.into_iter().map(|(name, feeds)| context! { name, feeds }).collect();
    let items: Vec<Value> = newest.iter().map(|item| brief(item, site)).collect();
    let bytes = page("index.html", site, context! { groups, items });
    document("index.html".to_owned(), bytes)
}

fn feed_link(link: &FeedLink) -> Value {
    let formats: Vec<&str> = link.feed.formats.iter().map(|format| format.extension()).collect();
    context! {
        slug => &link.feed.slug,
        title => &link.feed.title,
        count => link.count,
        newest => &link.newest,
        formats => formats,
    }
}

/// A feed's page.
pub(super) fn feed(composition: &Composition, site: &PublicSite) -> Vec<u8> {
    let spec = &composition.feed;
    let formats: Vec<Value> = spec
        .formats
        .iter()
        .filter(|format| **format != Format::Html)
        .map(|&format| {
            context! {
                name => format_name(format),
                url => parts::feed_url(site, &spec.slug, format),
                media_type => format.media_type().split(';').next(),
            }
        })
        .collect();
    let items: Vec<Value> = composition.items.iter().map(|item| brief(item, site)).collect();
    let data = context! {
        title => &spec.title,
        description => &spec.description,
        home => spec.home.as_ref().map(parts::address),
        updated => composition.updated.map(minute),
        formats,
        items,
    };
    page("feed.html", site, data)
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Rss => "RSS",
        Format::Atom => "Atom",
        Format::Json => "JSON Feed",
        Format::Html => "HTML",
    }
}

/// An item in a list.
fn brief(item: &Item, site: &PublicSite) -> Value {
    context! {
        title => &item.title,
        page => format!("{}items/{}/{}", site.base_url.path(), item.site, item.key),
        date => day(item.published),
        attribution => &item.attribution,
        summary => &item.summary,
        image => item.images.first().map(|image| image.url.as_str()),
    }
}

/// An item's own page, `items/SITE/KEY.html`, with the meta tags a government CMS reads
/// (国办发〔2017〕47号, annex on page design).
pub fn item_page(item: &Item, site: &PublicSite) -> Document {
    let files: Vec<Value> = parts::outside_body(item)
        .map(|file| context! { url => file.url.as_str(), name => &file.name })
        .collect();
    let data = context! {
        title => &item.title,
        url => item.url.as_str(),
        page => parts::item_url(site, item),
        published => printed(item),
        pub_date => item.published.format("%Y-%m-%d %H:%M").to_string(),
        credit => &item.credit,
        author => &item.author,
        attribution => &item.attribution,
        breadcrumb => &item.breadcrumb,
        column => item.breadcrumb.last(),
        keywords => item.breadcrumb.join(";"),
        summary => &item.summary,
        image => item.images.first().map(|image| image.url.as_str()),
        body => Value::from_safe_string(item.html.clone()),
        partial => item.partial,
        slug => item.columns.first().map(ToString::to_string),
        files,
    };
    document(format!("items/{}/{}.html", item.site, item.key), page("item.html", site, data))
}

/// The date as it was printed; the time we first saw it where none was.
fn printed(item: &Item) -> String {
    match item.posted {
        Some(posted) if posted.precision() == crate::model::Precision::Day => {
            posted.date().to_string()
        }
        Some(posted) => posted.at().format("%Y-%m-%d %H:%M").to_string(),
        None => day(item.published),
    }
}

fn day(time: DateTime<FixedOffset>) -> String {
    time.format("%Y-%m-%d").to_string()
}

fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M").to_string()
}

/// The state of every column and the open problems; made when asked for.
pub fn status(rows: &[StatusRow], problems: &[Problem], site: &PublicSite) -> Document {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            context! {
                column => &row.column,
                name => &row.name,
                last_run => row.last_run.map(minute),
                outcome => outcome(&row.outcome, site.lang),
                is_bad => matches!(row.outcome.as_str(), "failed" | "partly"),
                listed => row.listed,
                new => row.new,
            }
        })
        .collect();
    let problems: Vec<Value> = problems
        .iter()
        .map(|problem| {
            let sentence = sentence::problem(problem.code, site.lang);
            context! {
                code => problem.code.as_str(),
                subject => &problem.subject,
                what => sentence.what,
                hint => sentence.hint,
                count => problem.count,
                since => minute(problem.first_seen),
            }
        })
        .collect();
    document("status".to_owned(), page("status.html", site, context! { rows, problems }))
}

fn outcome(outcome: &str, lang: Lang) -> &'static str {
    let label = match outcome {
        "fine" => Label::Fine,
        "unchanged" => Label::Unchanged,
        "partly" => Label::Partly,
        "failed" => Label::Failed,
        _ => Label::Waiting,
    };
    label.text(lang)
}

/// The page for an address that leads nowhere.
pub fn not_found(site: &PublicSite) -> Document {
    document("404.html".to_owned(), page("missing.html", site, context! {}))
}
