//! Lists that are feeds: RSS, Atom and JSON Feed.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveTime, Utc};
use feed_rs::model::{Entry, Link as FeedLink};
use feed_rs::parser::Builder;
use regex::Regex;
use url::Url;

use super::{empty, title};
use crate::model::{BEIJING, Call, Link, Listing, Posted, Rejection};
use crate::text::{date, dom, web};

/// Reads the feed `text`.
///
/// Times without a zone are Beijing's, whatever the standards say: that is what Chinese servers
/// mean by them.
pub(super) fn read(text: &str, url: &Url) -> Result<Listing, Rejection> {
    // A parser that failed once is of no use.
    let parse = |xml: &str| {
        let builder = Builder::new().base_uri(Some(url.as_str())).sanitize_content(false);
        builder.timestamp_parser(moment).build().parse(xml.as_bytes())
    };
    let xml = without_declaration(text);
    let feed = parse(xml)
        .or_else(|error| parse(&escaped(xml)).map_err(|_| error))
        .map_err(|error| empty(text, &format!("a feed that cannot be read: {error}")))?;
    let links: Vec<Link> = feed.entries.iter().filter_map(|entry| link(entry, url)).collect();
    if links.is_empty() {
        let found = format!("none of the {} entries of the feed has a link", feed.entries.len());
        return Err(empty(text, &found));
    }
    let is_next = |link: &&FeedLink| link.rel.as_deref() == Some("next");
    let next = feed.links.iter().find(is_next).and_then(|link| web::resolve(url, &link.href));
    Ok(Listing { links, next: next.map(Call::get).into_iter().collect(), rule: "feed".to_owned() })
}

/// True where `text` begins as a feed does.
pub(super) fn is_feed(text: &str) -> bool {
    let head = without_declaration(text);
    let head: String = head.chars().take(2_000).collect::<String>().to_ascii_lowercase();
    let root = root(&head);
    let named = |name: &str| {
        root.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '>', '\n', '\r', '\t']))
    };
    named("<rss") || named("<feed") || named("<rdf:rdf")
}

/// What is left of `text` from its first element on.
pub(super) fn root(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            ">"
        } else {
            return rest;
        };
        let Some(at) = rest.find(end) else { return "" };
        rest = rest[at + end.len()..].trim_start();
    }
}

/// The XML declaration names the charset that the text had before it was decoded.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(text, |(_, rest)| rest),
        None => text,
    }
}

/// XML with every `&` that begins nothing known to it written out, and HTML's entities replaced.
fn escaped(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some(at) = rest.find(['&', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let cdata = rest.starts_with("<![CDATA[").then(|| rest.find("]]>").unwrap_or(rest.len()));
        let taken = if let Some(end) = cdata {
            out.push_str(&rest[..end]);
            end
        } else if let Some(entity) = ENTITY.find(rest) {
            let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"].contains(&entity.as_str());
            let decoded = dom_query::Document::fragment(entity.as_str()).root().text().to_string();
            let kept = known || entity.as_str().starts_with("&#");
            match decoded.as_str() {
                _ if kept => out.push_str(entity.as_str()),
                text if text == entity.as_str() => {
                    out.push_str("&amp;");
                    out.push_str(&text[1..]);
                }
                text => out.push_str(&text.replace('&', "&amp;")),
            }
            entity.end()
        } else {
            out.push_str(if rest.starts_with('&') { "&amp;" } else { "<" });
            1
        };
        rest = &rest[taken..];
    }
    out + rest
}

static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});").expect("valid")
});

fn link(entry: &Entry, url: &Url) -> Option<Link> {
    let alternate = |link: &&FeedLink| matches!(link.rel.as_deref(), None | Some("alternate"));
    let href = entry.links.iter().find(alternate).map(|link| link.href.as_str());
    // The id of an RSS item is its address unless it says otherwise.
    let target = href.or(Some(entry.id.as_str()).filter(|id| id.starts_with("http")))?;
    let title = entry.title.as_ref().map(|title| title.content.as_str()).unwrap_or_default();
    let title = dom_query::Document::fragment(title);
    let time = entry.published.or(entry.updated);
    Some(Link {
        url: web::resolve(url, target)?,
        title: title::clean(&dom::visible_text(&title.root())),
        posted: time.map(posted),
    })
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let with_zone =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    let in_beijing = || date::find(text, None).map(|posted| posted.at().to_utc());
    let with_zone = with_zone.ok().or_else(|| in_words(text));
    with_zone.map(|time| time.to_utc()).or_else(in_beijing)
}

/// `星期三, 18 11月 2026 10:20:00 GMT`: the standard's form with Chinese names.
fn in_words(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    const MONTHS: [(&str, &str); 12] = [
        ("一", "Jan"),
        ("二", "Feb"),
        ("三", "Mar"),
        ("四", "Apr"),
        ("五", "May"),
        ("六", "Jun"),
        ("七", "Jul"),
        ("八", "Aug"),
        ("九", "Sep"),
        ("十", "Oct"),
        ("十一", "Nov"),
        ("十二", "Dec"),
    ];
    let found = WORDS.captures(text)?;
    let number = found[2].parse::<usize>().ok();
    let at =
        number.or_else(|| MONTHS.iter().position(|(name, _)| *name == &found[2]).map(|n| n + 1))?;
    let (_, month) = MONTHS.get(at.checked_sub(1)?)?;
    DateTime::parse_from_rfc2822(&format!("{} {month} {}", &found[1], &found[3])).ok()
}

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d{1,2})\s+([一二三四五六七八九十]{1,2}|\d{1,2})月\s+(\d{4}\s.+)$")
        .expect("valid")
});

/// Midnight in Beijing is what servers print where they know the day only.
fn posted(time: DateTime<Utc>) -> Posted {
    let local = time.with_timezone(&BEIJING).naive_local();
    if local.time() == NaiveTime::MIN { Posted::day(local.date()) } else { Posted::minute(local) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{ListKind, ListRule};

    fn read(text: &str) -> Result<Vec<String>, Rejection> {
        let call = Call::get("http://a.test/rss/1.xml".parse().unwrap());
        let listing = crate::discover::read(text, &call, None, &ListRule::default())?;
        let row = |link: &Link| {
            let date = link.posted.map(|posted| posted.to_string()).unwrap_or_default();
            format!("{} {} {date}", link.url, link.title)
        };
        let next = listing.next.iter().map(|call| format!("next {}", call.url));
        Ok(listing.links.iter().map(row).chain(next).collect())
    }

    #[test]
    fn rss_with_local_times() {
        let text = r#"<?xml version="1.0" encoding="gb2312"?><!-- 某网 --><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>要闻</title>
            <atom:link rel="next" href="/rss/1.xml?page=2"/>
            <item><title><![CDATA[市工商联 <b>召开</b>会议 & 座谈]]></title><link>/a/1001.html</link><pubDate>2026-11-19 09:30:00</pubDate></item>
            <item><title>走访会员企业</title><link>http://a.test/a/1002.html</link><pubDate>Wed, 18 Nov 2026 00:00:00 +0800</pubDate></item>
            <item><title>没有链接</title></item></channel></rss>"#;
        assert_eq!(
            read(text).unwrap(),
            [
                "http://a.test/a/1001.html 市工商联 召开会议 & 座谈 2026-11-19T09:30:00+08:00",
                "http://a.test/a/1002.html 走访会员企业 2026-11-18",
                "next http://a.test/rss/1.xml?page=2",
            ]
        );
    }

    #[test]
    fn atom_and_json_feed() {
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>x</id><updated>2026-11-19T00:00:00Z</updated>
            <entry><id>tag:1</id><title type="html">走访 &amp;lt;会员&amp;gt;</title><link href="/a/1001.html"/><updated>2026-11-19T01:00:00Z</updated></entry></feed>"#;
        assert_eq!(
            read(atom).unwrap(),
            ["http://a.test/a/1001.html 走访 <会员> 2026-11-19T09:00:00+08:00"]
        );
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[
            {"id":"1","url":"http://a.test/a/1001.html","title":"走访会员企业","date_published":"2026-11-19T09:00:00+08:00"}]}"#;
        assert_eq!(
            read(json).unwrap(),
            ["http://a.test/a/1001.html 走访会员企业 2026-11-19T09:00:00+08:00"]
        );
    }

    #[test]
    fn broken_feeds_and_other_kinds_are_told() {
        let broken = "<rss version=\"2.0\"><channel><item><title>x";
        assert_eq!(read(broken).unwrap_err().code, "list-empty");
        assert_eq!(
            read("<rss version=\"2.0\"><channel></channel></rss>").unwrap_err().code,
            "list-empty"
        );
        let rule = ListRule { kind: Some(ListKind::Feed), ..ListRule::default() };
        let call = Call::get("http://a.test/".parse().unwrap());
        let found =
            crate::discover::read("<html><p>x", &call, None, &rule).unwrap_err().to_string();
        assert!(found.contains("wanted a list of kind `feed`, found a page"), "{found}");
    }

    #[test]
    fn feeds_that_are_not_quite_xml() {
        let text = "<rss version=\"2.0\"><channel><title>A&B</title><item><title>商会&nbsp;&ldquo;走访&rdquo; &lt;企业&gt; R&D&x;</title>\
            <link>/v.php?a=1&id=2</link><description><![CDATA[a & b]]></description>\
            <pubDate>星期三, 18 11月 2026 10:20:00 +0800</pubDate></item>\
            <item><title>走访</title><link>/2</link><pubDate>周二, 17 十一月 2026 00:20:00 GMT</pubDate></item></channel></rss>";
        let rows = read(text).unwrap();
        assert_eq!(
            rows,
            [
                "http://a.test/v.php?a=1&id=2 商会 “走访” <企业> R&D&x; 2026-11-18T10:20:00+08:00",
                "http://a.test/2 走访 2026-11-17T08:20:00+08:00",
            ]
        );
    }

    #[test]
    fn deep_feeds_end_in_words() {
        let deep = "<x>".repeat(300_000);
        for text in [
            format!("<rss version=\"2.0\"><channel><item><title>{deep}"),
            format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content type=\"xhtml\">{deep}"
            ),
            format!(
                "{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}",
                "[".repeat(300_000)
            ),
        ] {
            let read =
                std::thread::Builder::new().stack_size(2 << 20).spawn(move || read(&text).is_err());
            assert!(read.unwrap().join().unwrap());
        }
    }
}
