//! Lists in JSON: an array of objects, or a piece of HTML in a text of it.
//!
//! A rule names the places with pointers (RFC 6901). Without one, the rows are the array whose
//! objects most often have a title and an address.

use chrono::{DateTime, Datelike};
use serde_json::{Map, Value};
use url::Url;

use super::anchor::Context;
use super::{ListRule, count, empty, page, title};
use crate::model::{BEIJING, Call, Link, Listing, Posted, Rejection};
use crate::text::alternative::Scene;
use crate::text::{date, dom, web};

/// Where in a JSON answer the rows are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointers {
    /// The array of rows.
    pub rows: Option<String>,
    /// The text that holds the rows as HTML.
    pub html: Option<String>,
}

/// Reads the rows of `value`, the answer to `call`; `text` is what it was read from.
pub(super) fn read(
    value: &Value,
    text: &str,
    call: &Call,
    rule: &ListRule,
    seen: Option<DateTime<chrono::Utc>>,
) -> Result<Listing, Rejection> {
    let rows = in_rows(value, call, rule, seen);
    // The text of an article in a row is no list.
    let in_row = |at: &str| {
        let rows = rows.as_ref().filter(|rows| rows.links.len() > 1);
        rows.is_some_and(|rows| format!("json {at}").starts_with(&format!("{}/", rows.rule)))
    };
    let listing = match fragment(value, rule).filter(|(_, at)| !in_row(at)) {
        Some((html, at)) => in_html(html, &at, call, rule, seen)?,
        None => rows,
    };
    match listing {
        Some(mut listing) if !listing.links.is_empty() => {
            listing.next.extend(count::next(call));
            Ok(listing)
        }
        // The page after the last one is empty.
        _ if count::number(call).is_some_and(|number| number > 1) => Ok(Listing::default()),
        _ => Err(empty(text, &wanted(rule))),
    }
}

fn wanted(rule: &ListRule) -> String {
    match (&rule.json.rows, &rule.json.html) {
        (Some(rows), _) => format!("no rows with title and address in the array at `{rows}`"),
        (_, Some(html)) => format!("no rows in the HTML at `{html}`"),
        _ => "no array of objects with title and address in the JSON".to_owned(),
    }
}

/// The HTML that holds the rows and where it stands: as declared, else the longest text with links.
fn fragment<'v>(value: &'v Value, rule: &ListRule) -> Option<(&'v str, String)> {
    if let Some(pointer) = &rule.json.html {
        return Some((value.pointer(pointer)?.as_str()?, pointer.clone()));
    }
    if rule.json.rows.is_some() {
        return None;
    }
    let mut best: Option<(&str, String)> = None;
    walk(value, &mut |value, at| {
        let Some(text) = value.as_str() else { return };
        let lower = text.to_ascii_lowercase();
        let links =
            lower.matches("<a ").count() >= 2 || (lower.contains("<a ") && lower.contains("<li"));
        if links && best.as_ref().is_none_or(|(best, _)| text.len() > best.len()) {
            best = Some((text, at.to_owned()));
        }
    });
    best
}

fn in_html(
    html: &str,
    at: &str,
    call: &Call,
    rule: &ListRule,
    seen: Option<DateTime<chrono::Utc>>,
) -> Result<Option<Listing>, Rejection> {
    if html.trim().is_empty() {
        return Ok(None);
    }
    let document = dom::parse(html)?;
    let context = Context::new(&document, &call.url, seen, &rule.exclude);
    let found = page::rows(&document, html, rule, &context).ok();
    Ok(found.map(|(links, how)| Listing {
        links,
        next: Vec::new(),
        rule: format!("json {at}, {how}"),
    }))
}

/// The array whose objects most often are rows, or the declared one.
pub(super) fn in_rows(
    value: &Value,
    call: &Call,
    rule: &ListRule,
    seen: Option<DateTime<chrono::Utc>>,
) -> Option<Listing> {
    if let Some(pointer) = &rule.json.rows {
        let rows = value.pointer(pointer)?.as_array()?;
        return Some(listing(rows, pointer, call, rule, seen));
    }
    let mut best: Option<Listing> = None;
    walk(value, &mut |value, at| {
        let Some(rows) = value.as_array() else { return };
        let found = listing(rows, at, call, rule, seen);
        let more = best.as_ref().is_none_or(|best| found.links.len() > best.links.len());
        if more && found.links.len() * 2 > rows.len() {
            best = Some(found);
        }
    });
    best
}

fn listing(
    rows: &[Value],
    at: &str,
    call: &Call,
    rule: &ListRule,
    seen: Option<DateTime<chrono::Utc>>,
) -> Listing {
    let links = rows.iter().filter_map(|row| link(row, call, rule, seen)).collect();
    Listing { links, next: Vec::new(), rule: format!("json {at}") }
}

/// Every value of a JSON tree with its pointer, outermost first.
fn walk<'v>(value: &'v Value, visit: &mut impl FnMut(&'v Value, &str)) {
    let mut waiting = vec![(value, String::new())];
    while let Some((value, at)) = waiting.pop() {
        visit(value, &at);
        match value {
            Value::Array(inner) => {
                waiting.extend(inner.iter().enumerate().map(|(i, v)| (v, format!("{at}/{i}"))));
            }
            Value::Object(inner) => waiting.extend(inner.iter().map(|(name, v)| {
                (v, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")))
            })),
            _ => {}
        }
    }
}

fn link(
    row: &Value,
    call: &Call,
    rule: &ListRule,
    seen: Option<DateTime<chrono::Utc>>,
) -> Option<Link> {
    let fields = row.as_object()?;
    let nothing = dom_query::Document::from("");
    let scene = Scene::new(nothing.root(), &call.url).with_json(row);
    let clean = |text: &str| Some(title::clean(text)).filter(|title| !title.is_empty());
    let declared = scene.first(&rule.title, |text| clean(&bare(text)));
    let title = match declared {
        Some(found) => found.value,
        None => clean(&bare(named(fields, TITLES, is_title)?))?,
    };
    let resolve = |text: &str| web::resolve(&call.url, text);
    let url = match scene.first(&rule.link, resolve) {
        Some(found) => found.value,
        None => address(fields, &call.url)?,
    };
    let posted = scene.first(&rule.date, |text| moment(text).or_else(|| date::find(text, seen)));
    let posted = posted.map(|found| found.value).or_else(|| printed(fields, seen));
    let posted = posted.or_else(|| date::from_url(&url));
    Some(Link { url, title, posted })
}

/// Names of titles, addresses and dates, the surest first; compared in lower case without `_`.
const TITLES: &[&str] = &[
    "title",
    "doctitle",
    "articletitle",
    "newstitle",
    "infotitle",
    "headline",
    "subject",
    "name",
    "bt",
];
const ADDRESSES: &[&str] = &[
    "url",
    "docpuburl",
    "puburl",
    "linkurl",
    "link",
    "href",
    "docurl",
    "articleurl",
    "pageurl",
    "path",
];
const DATES: &[&str] = &[
    "publishedtimestr",
    "publishtimestr",
    "docreltime",
    "pubdate",
    "publishdate",
    "publishtime",
    "publishedtime",
    "publishedat",
    "publishat",
    "pubtime",
    "releasetime",
    "releasedate",
    "showtime",
    "displaytime",
    "inputtime",
    "addtime",
    "createtime",
    "createdat",
    "date",
    "time",
];

fn is_title(text: &str) -> bool {
    let text = bare(text);
    text.chars().count() >= 4 && text.chars().any(char::is_alphabetic) && !text.contains("://")
}

/// The text of the surest of `names` that passes.
fn named<'f>(
    fields: &'f Map<String, Value>,
    names: &[&str],
    passes: impl Fn(&str) -> bool,
) -> Option<&'f str> {
    let folded = |name: &str| name.replace('_', "").to_ascii_lowercase();
    names.iter().find_map(|wanted| {
        let found = fields.iter().find(|(name, _)| folded(name) == *wanted)?.1;
        // WordPress has a text as a page shows it in an object of its own.
        let found = found.as_str().or_else(|| found.get("rendered")?.as_str())?;
        passes(found).then_some(found)
    })
}

/// The address under a known name, else the one text that looks like the address of a page.
fn address(fields: &Map<String, Value>, base: &Url) -> Option<Url> {
    let looks = |text: &str| {
        let text = text.trim();
        !text.contains(char::is_whitespace)
            && (text.starts_with("http") || text.starts_with('/') || text.starts_with("./"))
    };
    let by_name = named(fields, ADDRESSES, |text| {
        !text.trim().is_empty()
            && web::resolve(base, text).is_some()
            && !text.contains(char::is_whitespace)
    });
    let page = |text: &&str| looks(text) && (text.contains(".htm") || text.contains(".shtml"));
    let by_look = || fields.values().filter_map(Value::as_str).find(page);
    web::resolve(base, by_name.or_else(by_look)?)
}

/// The date under a known name; seconds or milliseconds since 1970 are read too.
fn printed(fields: &Map<String, Value>, seen: Option<DateTime<chrono::Utc>>) -> Option<Posted> {
    let folded = |name: &str| name.replace('_', "").to_ascii_lowercase();
    DATES.iter().find_map(|wanted| {
        match fields.iter().find(|(name, _)| folded(name) == *wanted)?.1 {
            Value::String(text) => {
                moment(text).or_else(|| compact(text)).or_else(|| date::find(text, seen))
            }
            Value::Number(number) => {
                moment(&number.to_string()).or_else(|| compact(&number.to_string()))
            }
            _ => None,
        }
    })
}

/// `20261118`, which only the name of its field tells from a number.
fn compact(text: &str) -> Option<Posted> {
    let day = chrono::NaiveDate::parse_from_str(text.trim(), "%Y%m%d").ok();
    day.filter(|day| text.trim().len() == 8 && (1990..2100).contains(&day.year())).map(Posted::day)
}

/// Seconds or milliseconds since 1970, also as `/Date(1794967200000+0800)/`.
fn moment(text: &str) -> Option<Posted> {
    let text = text.trim();
    let text = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(text, _)| text);
    let number: i64 = text.parse().ok()?;
    let seconds = match text.len() {
        10 => number,
        13 => number / 1000,
        _ => return None,
    };
    let time = DateTime::from_timestamp(seconds, 0)?.with_timezone(&BEIJING).naive_local();
    Some(Posted::minute(time))
}

/// A text without the tags that some servers put around what was searched for.
fn bare(text: &str) -> String {
    if text.contains('<') || text.contains('&') {
        dom::visible_text(&dom_query::Document::fragment(text).root())
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::alternative::{Alternative, How};

    const URL: &str = "http://a.test/api/list?channelid=5&currpage=1";

    fn read_with(text: &str, url: &str, rule: &ListRule) -> Result<Listing, Rejection> {
        let seen = "2026-11-20T04:00:00Z".parse().ok();
        super::super::read(text, &Call::get(url.parse().unwrap()), seen, rule)
    }

    /// `path title date` of each row, and the request for the next page.
    fn said(listing: &Listing) -> (Vec<String>, Vec<String>) {
        let row = |link: &Link| {
            let date = link.posted.map(|posted| posted.to_string()).unwrap_or_default();
            format!("{} {} {date}", link.url.path(), link.title)
        };
        let next = listing.next.iter().map(|call| call.url.query().unwrap_or_default().to_owned());
        (listing.links.iter().map(row).collect(), next.collect())
    }

    #[test]
    fn the_array_with_titles_and_addresses_is_the_list() {
        let text = r#"{"code":200,"menu":[{"name":"网站首页","href":""}],"data":{"total":31,"results":[
            {"id":1,"docTitle":"<em>市工商联</em>召开常委会 &amp; 执委会","url":"/gsl/202611/t20261119_1.html","publishedTimeStr":"2026-11-19 09:30:00","author":{"name":"办公室里"}},
            {"id":2,"docTitle":"市总商会走访会员企业","url":"http://a.test/gsl/t20261118_2.html","publishedTimeStr":"2026-11-18"}]}}"#;
        let listing = read_with(text, URL, &ListRule::default()).unwrap();
        let (rows, next) = said(&listing);
        assert_eq!(
            rows,
            [
                "/gsl/202611/t20261119_1.html 市工商联召开常委会 & 执委会 2026-11-19T09:30:00+08:00",
                "/gsl/t20261118_2.html 市总商会走访会员企业 2026-11-18",
            ]
        );
        assert_eq!(next, ["channelid=5&currpage=2"]);
        assert_eq!(listing.rule, "json /data/results");
    }

    #[test]
    fn times_may_be_counted() {
        let text = r#"[{"title":"市工商联召开常委会","link":"/a_1001.html","create_time":1763517600},
            {"title":"市总商会走访会员企业","link":"/a_1002.html","create_time":"1763514000000"},
            {"title":"没有地址的一行不算","create_time":1}]"#;
        let (rows, next) = said(&read_with(text, "http://a.test/x", &ListRule::default()).unwrap());
        assert_eq!(
            rows,
            [
                "/a_1001.html 市工商联召开常委会 2025-11-19T10:00:00+08:00",
                "/a_1002.html 市总商会走访会员企业 2025-11-19T09:00:00+08:00",
            ]
        );
        assert_eq!(next, [""; 0]);
    }

    #[test]
    fn dates_as_servers_write_them() {
        let row = |n: u32, date: &str| {
            format!(r#"{{"Title":"市工商联召开第{n}次常委会","Url":"/{n}.html","AddTime":{date}}}"#)
        };
        let dates = ["20261118", "\"20261117\"", r#""/Date(1794967200000+0800)/""#];
        let rows = (1..).zip(dates).map(|(n, date)| row(n, date)).collect::<Vec<_>>().join(",");
        let listing = read_with(&format!("[{rows}]"), "http://a.test/x", &ListRule::default());
        let (rows, _) = said(&listing.unwrap());
        let dates: Vec<&str> = rows.iter().filter_map(|row| row.rsplit(' ').next()).collect();
        assert_eq!(dates, ["2026-11-18", "2026-11-17", "2026-11-18T10:00:00+08:00"]);
    }

    #[test]
    fn posts_of_wordpress() {
        let post = |n: u32| {
            serde_json::json!({"id": n, "date": format!("2026-11-1{n}T09:10:00"), "link": format!("http://a.test/archives/{n}"),
                "title": {"rendered": "商会&#8220;走进企业&#8221;活动"}, "content": {"rendered": "<p><a href=/b>甲</a><a href=/c>乙</a>"}})
        };
        let text = serde_json::json!([post(8), post(7)]).to_string();
        let (rows, _) = said(&read_with(&text, "http://a.test/x", &ListRule::default()).unwrap());
        assert_eq!(
            rows,
            [
                "/archives/8 商会“走进企业”活动 2026-11-18T09:10:00+08:00",
                "/archives/7 商会“走进企业”活动 2026-11-17T09:10:00+08:00",
            ]
        );
    }

    #[test]
    fn rows_in_a_piece_of_html() {
        let row = |n: u32, title: &str| {
            format!(
                "<li><a href='/art/2026/art_{n:032x}.html' title='{title}'>{title}</a><span>2026-11-1{n}</span></li>"
            )
        };
        let html =
            format!("<ul>{}{}</ul>", row(8, "市工商联召开常委会"), row(7, "市总商会走访会员企业"));
        let text = serde_json::json!({"success": true, "data": {"html": html}}).to_string();
        let url = "http://a.test/unit?paramJson=%7B%22pageNo%22%3A1%7D";
        let listing = read_with(&text, url, &ListRule::default()).unwrap();
        let (rows, next) = said(&listing);
        let dates: Vec<&str> = rows.iter().map(|row| &row[row.len() - 10..]).collect();
        assert_eq!(dates, ["2026-11-18", "2026-11-17"]);
        assert_eq!(next, ["paramJson=%7B%22pageNo%22%3A2%7D"]);
        assert_eq!(listing.rule, "json /data/html, heuristic rows");
        let last = r#"{"data":{"html":""}}"#;
        assert_eq!(
            read_with(last, &url.replace("%3A1", "%3A9"), &ListRule::default()).unwrap(),
            Listing::default()
        );
        assert_eq!(read_with(last, url, &ListRule::default()).unwrap_err().code, "list-empty");
    }

    #[test]
    fn pointers_and_replacements_say_where() {
        let json = |at: &str| Alternative::new(How::Json(at.to_owned()));
        let regex = regex::Regex::new("(.+)").unwrap();
        let link =
            Alternative { regex: Some(regex), replace: Some("/show?id=$1".into()), ..json("/key") };
        let rule = ListRule {
            json: Pointers { rows: Some("/d".into()), html: None },
            link: vec![link],
            title: vec![json("/t")],
            date: vec![json("/w")],
            ..ListRule::default()
        };
        let text = r#"{"d":[{"key":77,"t":"短讯","w":"2026.11.03"}],"x":[{"title":"别处的一行标题","url":"/1.html"}]}"#;
        let listing = read_with(text, "http://a.test/x", &rule).unwrap();
        assert_eq!(said(&listing).0, ["/show 短讯 2026-11-03"]);
        let detail = read_with(r#"{"d":[]}"#, "http://a.test/x", &rule).unwrap_err().to_string();
        assert!(detail.contains("no rows with title and address in the array at `/d`"), "{detail}");
        assert_eq!(read_with("{\"d\":", "http://a.test/x", &rule).unwrap_err().code, "list-empty");
    }
}
