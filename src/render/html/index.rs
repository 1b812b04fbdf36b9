//! The public page: what is new, every feed under its site, how to subscribe.

use minijinja::{Value, context};

use crate::model::{Document, FeedLink, Format, Item};
use crate::text::sentence::Label;

use super::super::PublicSite;
use super::super::parts;
use super::{document, list, page};

/// More groups than this are folded, so that the page stays easy to look over.
const UNFOLDED: usize = 8;

/// The public page: `index.html`.
pub fn index(feeds: &[FeedLink], newest: &[Item], site: &PublicSite) -> Document {
    let groups: Vec<&[FeedLink]> = feeds.chunk_by(|a, b| a.group == b.group).collect();
    let folded = groups.len() > UNFOLDED;
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|links| {
            let group = links[0].group.as_str();
            // The site's own feed comes first and holds the items of all its columns.
            let count = (!group.is_empty()).then_some(links[0].count);
            context! {
                count,
                name => if group.is_empty() { Label::Composite.text(site.lang) } else { group },
                is_open => group.is_empty() || !folded,
                feeds => links.iter().map(|link| feed_link(link, site)).collect::<Vec<_>>(),
            }
        })
        .collect();
    let offered: Vec<Value> = feeds
        .iter()
        .filter(|link| link.group.is_empty() && link.feed.formats.contains(&Format::Rss))
        .map(|link| {
            let url = parts::feed_url(site, &link.feed.slug, Format::Rss);
            context! { title => &link.feed.title, url }
        })
        .collect();
    let data = context! {
        groups,
        offered,
        opml => parts::absolute(site, "opml"),
        days => list::days(newest, site),
    };
    document("index.html", page("index.html", site, data))
}

fn feed_link(link: &FeedLink, site: &PublicSite) -> Value {
    let feed = &link.feed;
    let offers = |format: &Format| feed.formats.contains(format) && link.is_offered();
    let formats: Vec<Value> = [Format::Rss, Format::Atom, Format::Json]
        .into_iter()
        .filter(offers)
        .map(|format| {
            let path = parts::feed_path(&feed.slug, format);
            context! { name => list::name(format), path }
        })
        .collect();
    context! {
        title => short_title(link, site),
        path => offers(&Format::Html).then(|| parts::feed_path(&feed.slug, Format::Html)),
        count => link.count,
        formats,
    }
}

/// The title without the name of the site it stands under.
fn short_title<'a>(link: &'a FeedLink, site: &PublicSite) -> &'a str {
    let title = link.feed.title.as_str();
    match title.strip_prefix(link.group.as_str()) {
        Some("") => Label::WholeSite.text(site.lang),
        Some(rest) if !link.group.is_empty() => rest.strip_prefix('·').unwrap_or(title),
        _ => title,
    }
}
