//! OPML 2.0: every feed, grouped by site.

use std::fmt::Write as _;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::model::{BEIJING, Document, FeedLink, Format};
use crate::text::plain;
use crate::text::sentence::Label;

use super::PublicSite;
use super::escape::DECLARATION;
use super::parts::{escaped, feed_url};
use super::rss::rfc822;

/// All feeds that are published as RSS, as one subscription list; `created` is since when there is
/// anything to subscribe to.
pub fn opml(feeds: &[FeedLink], created: Option<DateTime<Utc>>, site: &PublicSite) -> Document {
    let mut xml = String::from(DECLARATION);
    let created = created.map_or_else(String::new, |time| {
        format!("<dateCreated>{}</dateCreated>", rfc822(time.with_timezone(&BEIJING)))
    });
    let _ = writeln!(
        xml,
        "<opml version=\"2.0\"><head><title>{}</title>{created}<ownerName>{}</ownerName></head><body>",
        escaped(&site.title),
        escaped(&site.operator)
    );
    let mut group: Option<&str> = None;
    for link in feeds.iter().filter(|link| link.feed.formats.contains(&Format::Rss)) {
        if group != Some(link.group.as_str()) {
            close(&mut xml, group);
            let name = match link.group.as_str() {
                "" => Label::Composite.text(site.lang),
                name => name,
            };
            let _ = writeln!(xml, "<outline text=\"{0}\" title=\"{0}\">", escaped(name));
            group = Some(&link.group);
        }
        outline(&mut xml, link, site);
    }
    close(&mut xml, group);
    xml.push_str("</body></opml>\n");
    Document {
        path: "opml".to_owned(),
        media_type: "text/x-opml; charset=utf-8",
        bytes: Bytes::from(plain::clean(&xml)),
    }
}

fn outline(xml: &mut String, link: &FeedLink, site: &PublicSite) {
    let _ = writeln!(
        xml,
        "<outline type=\"rss\" text=\"{0}\" title=\"{0}\" xmlUrl=\"{1}\" htmlUrl=\"{2}\" \
         language=\"zh-CN\" version=\"RSS2\"/>",
        escaped(&link.feed.title),
        escaped(&feed_url(site, &link.feed.slug, Format::Rss)),
        escaped(&feed_url(site, &link.feed.slug, Format::Html)),
    );
}

fn close(xml: &mut String, group: Option<&str>) {
    if group.is_some() {
        xml.push_str("</outline>\n");
    }
}
