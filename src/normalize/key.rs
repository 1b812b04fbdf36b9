//! The key of an article: the part of an item's id that names it within its site.
//!
//! The table is FROZEN: whatever changes here changes ids that readers already hold, and turns
//! every item unread. `tests/golden/ids.tsv` holds examples of every row; it may only grow.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use crate::text::date::valid_day;
use crate::text::web;

/// Readable characters in a key that is made from a whole address.
const SLUG: usize = 40;

/// The key of the article at `url`, in `[a-z0-9._-]`.
///
/// The CMS's own number where the address has one, whatever column, scheme or host it stands
/// under; else a readable piece of the address and a hash of all of it but the host.
pub fn article_key(url: &Url) -> String {
    let path = web::normalised_path(url);
    by_path(&path).or_else(|| by_query(&path, url)).unwrap_or_else(|| by_address(&path, url))
}

/// The key of an article on `host`, which is not the listing site's own.
pub(super) fn foreign(host: &str, url: &Url) -> String {
    format!("{}_{}", slug(host), article_key(url))
}

fn by_path(path: &str) -> Option<String> {
    PATHS.iter().find_map(|(name, pattern)| {
        let number = pattern.captures(path)?.get(1)?.as_str().to_ascii_lowercase();
        // A day alone is no number: two columns have articles of one day.
        (!is_day(&number)).then(|| format!("{name}-{}", number.replace('-', "")))
    })
}

/// Patterns of paths; the first group is the CMS's number of the article.
static PATHS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        // TRS: /202004/t20200410_196544.html, its second page …_196544_1.html, newer /t10221601.shtml
        ("trs", r"/t\d{8}_(\d+)(?:_\d+)?\.s?html?$"),
        ("trs", r"/t(\d{5,})\.s?html?$"),
        // hanweb jcms: /art/2022/1/5/art_COLUMN_NUMBER.html; jpaas: /art/2026/art_<32 hex>.html
        ("art", r"/art_\d+_(\d+)\.html?$"),
        ("art", r"/art_([0-9a-f]{32})\.html?$"),
        // nfcms: /content/post_1009060.html and its mobile twin mpost_
        ("post", r"/m?post_(\d+)\.html?$"),
        // UUID and ObjectId: /content/<uuid>.html, /content/detail/<24 hex>.html
        ("uuid", r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.s?html?)?$"),
        ("uuid", r"/([0-9a-f]{32})(?:\.s?html?)?$"),
        ("oid", r"/([0-9a-f]{24})(?:\.s?html?)?$"),
        // webplus: /2021/0408/c123a4567/page.htm
        ("wp", r"/c\d+a(\d+)/page\w*\.(?:html?|psp)$"),
        // vsb: /info/1004/4966.htm
        ("vsb", r"/info/\d+/(\d+)\.html?$"),
        // phpcms: /html/gsl/2019/QIMAJFAI_1231/10923.html, /2021/0408/123.html, /show-12-345-1.html
        ("php", r"/[a-z0-9]+_\d{4}/(\d+)(?:_\d+)?\.html$"),
        ("php", r"/\d{4}/\d{4}/(\d+)(?:_\d+)?\.html$"),
        ("php", r"/show-\d+-(\d+)-\d+\.html$"),
        // Milliseconds or seconds since 1970: /a/20230521/1684678908471.shtml
        ("epoch", r"/(1\d{12}|1\d{9})\.s?html?$"),
        // Forums: /thread-6655-1-1.html
        ("thread", r"/thread-(\d+)-\d+(?:-\d+)?\.html$"),
        // Builders: /p/web.show/bid-27pxwdseayco0.html
        ("bid", r"/bid-([a-z0-9]+)\.html$"),
        // /2021-04/08/content_123456.htm
        ("content", r"/content_(\d{4,})(?:_\d+)?\.s?html?$"),
        // A number so long that it counts over the whole site: /bzxw/9965771.html
        ("n", r"/(\d{6,})\.s?html?$"),
    ]
    .into_iter()
    .map(|(name, pattern)| {
        (name, Regex::new(&format!("(?i){pattern}")).expect("the patterns above are valid"))
    })
    .collect()
});

/// Parameters that hold the number of an article, the surest first.
const NUMBERS: &[&str] = &[
    "newsid",
    "news_id",
    "articleid",
    "article_id",
    "artid",
    "infoid",
    "contentid",
    "content_id",
    "docid",
    "wbnewsid",
    "aid",
    "nid",
    "itemid",
    "tid",
    "id",
];

/// Parameters that say where an article is shown, not which one.
const PLACES: &[&str] = &[
    "bigclassid",
    "catid",
    "cid",
    "classid",
    "columnid",
    "lmid",
    "menuid",
    "nav",
    "page",
    "smallclassid",
    "typeid",
    "urltype",
    "wbtreeid",
];

fn by_query(path: &str, url: &Url) -> Option<String> {
    if let Some(found) = ROUTE.captures(url.query()?) {
        return Some(format!("{}-{}", found[1].to_ascii_lowercase(), &found[2]));
    }
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let value = |wanted: &str| {
        let found = pairs.iter().find(|(name, value)| name == wanted && is_number(value));
        found.map(|(_, value)| value.as_str())
    };
    let lower = path.to_ascii_lowercase();
    if web::is_wechat(url) {
        return Some(format!(
            "wx-{}-{}-{}",
            value("mid")?,
            value("idx")?,
            hash(value("__biz")?, 8)
        ));
    }
    let is_phpcms = lower.ends_with("suitable/show")
        || pairs.contains(&("m".to_owned(), "content".to_owned()))
            && pairs.contains(&("a".to_owned(), "show".to_owned()));
    if is_phpcms {
        return Some(format!("php-{}", value("id")?));
    }
    if let Some(number) = value("wbnewsid") {
        return Some(format!("vsb-{number}"));
    }
    let (name, number) = NUMBERS.iter().find_map(|name| Some((name, value(name)?)))?;
    let script = match slug(stem(&lower)) {
        script if script.is_empty() => "page".to_owned(),
        script => script,
    };
    let mut key = format!("{script}-{}", slug(number));
    if number.contains(|c: char| c.is_ascii_uppercase()) {
        key = format!("{key}-{}", hash(number, 6));
    }
    let rest = other_parameters(url, name);
    if rest.is_empty() { Some(key) } else { Some(format!("{key}-{}", hash(&rest, 6))) }
}

/// `?thread-6655-1.html`
static ROUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(thread|article|news|show|view|viewnews)-(\d+)(?:-\d+)*(?:\.html?)?$")
        .expect("the pattern is valid")
});

/// What else chooses the page, sorted.
fn other_parameters(url: &Url, number: &str) -> String {
    let normalised = web::normalised(url);
    let (_, query) = normalised.split_once('?').unwrap_or_default();
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let counts = |pair: &&str| name(pair) != number && !PLACES.contains(&name(pair).as_str());
    query.split('&').filter(counts).collect::<Vec<_>>().join("&")
}

/// The end of the path in readable form and a hash over path and query.
fn by_address(path: &str, url: &Url) -> String {
    let normalised = web::normalised(url);
    let (_, query) = normalised.split_once('?').unwrap_or_default();
    let readable = slug(stem(&path.to_ascii_lowercase()));
    let start = readable.len().saturating_sub(SLUG);
    let readable = readable[start..].trim_start_matches(['-', '.', '_']);
    let readable = if readable.is_empty() { "page" } else { readable };
    format!("{readable}-{}", hash(&format!("{path}?{query}"), 10))
}

/// A path without its first slash and without the ending of a script or page.
fn stem(path: &str) -> &str {
    let path = path.trim_matches('/');
    [".html", ".htm", ".shtml", ".asp", ".aspx", ".php", ".jsp", ".do"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending))
        .unwrap_or(path)
}

/// Lower-case letters, digits, `.`, `_`; everything else becomes one `-`.
fn slug(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = c == '%' && rest.get(1..3).is_some();
        let kept = c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        if kept {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
        rest = &rest[if escape { 3 } else { c.len_utf8() }..];
    }
    out.trim_matches(['-', '.']).to_owned()
}

fn is_number(value: &str) -> bool {
    (1..=64).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'='))
}

fn is_day(number: &str) -> bool {
    let part = |from: usize, to: usize| number.get(from..to).and_then(|part| part.parse().ok());
    let year = number.get(..4).and_then(|year| year.parse().ok());
    number.len() == 8
        && match (year, part(4, 6), part(6, 8)) {
            (Some(year), Some(month), Some(day)) => valid_day(year, month, day).is_some(),
            _ => false,
        }
}

fn hash(text: &str, digits: usize) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..digits].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden() -> impl Iterator<Item = (Url, &'static str)> {
        include_str!("../../tests/golden/ids.tsv")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (url, key) = line.split_once('\t').unwrap_or_else(|| panic!("no tab: {line}"));
                (url.parse().unwrap(), key)
            })
    }

    #[test]
    fn the_golden_keys_never_change() {
        let mut wrong = Vec::new();
        for (url, key) in golden() {
            let made = article_key(&url);
            if made != key {
                wrong.push(format!("{url}\t{made}"));
            }
        }
        assert!(wrong.is_empty(), "ids changed; made now:\n{}", wrong.join("\n"));
        assert!(golden().count() >= 60);
    }

    #[test]
    fn every_row_of_the_table_has_an_example() {
        let paths: Vec<String> = golden().map(|(url, _)| web::normalised_path(&url)).collect();
        for (at, (name, pattern)) in PATHS.iter().enumerate() {
            let first = |path: &String| PATHS.iter().position(|row| row.1.is_match(path));
            assert!(paths.iter().any(|path| first(path) == Some(at)), "{name}: {pattern}");
        }
        for name in NUMBERS {
            let pattern = Regex::new(&format!("(?i)[?&]{name}=")).unwrap();
            assert!(golden().any(|(url, _)| pattern.is_match(url.as_str())), "no `{name}`");
        }
        for place in PLACES {
            let pattern = Regex::new(&format!("(?i)[?&]{place}=")).unwrap();
            assert!(golden().any(|(url, _)| pattern.is_match(url.as_str())), "no `{place}`");
        }
        for route in ["thread", "article", "news", "show", "view", "viewnews"] {
            let pattern = Regex::new(&format!(r"(?i)\?{route}-\d")).unwrap();
            assert!(golden().any(|(url, _)| pattern.is_match(url.as_str())), "no route `{route}`");
        }
    }

    #[test]
    fn scheme_host_name_and_session_do_not_count() {
        for (url, key) in golden() {
            let host = url.host_str().unwrap();
            let rest = url.as_str().split_once(host).unwrap().1;
            let mark = if rest.contains('?') { '&' } else { '?' };
            // A route is the whole query, so nothing can be added to it.
            let session = if ROUTE.is_match(url.query().unwrap_or_default()) {
                String::new()
            } else {
                format!("{mark}utm_source=a&jsessionid=9F")
            };
            let bare = host.strip_prefix("www.").unwrap_or(host);
            for twin in [
                format!("https://{host}{rest}#top"),
                format!("http://www.{bare}{rest}"),
                format!("https://alias.test:443{rest}{session}"),
            ] {
                // WeChat is known by its host.
                let twin: Url = twin.parse().unwrap();
                if web::is_wechat(&twin) == web::is_wechat(&url) {
                    assert_eq!(article_key(&twin), key, "{twin}");
                }
            }
        }
    }

    #[test]
    fn keys_are_safe_in_a_path() {
        for (url, key) in golden() {
            let safe = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
            assert!(key.bytes().all(safe) && key.len() <= 120, "{url} made {key}");
            assert!(!key.starts_with('.') && !key.is_empty());
        }
    }

    #[test]
    fn different_articles_have_different_keys() {
        for (a, b) in [
            ("http://a.test/news/show.asp?id=5", "http://a.test/notice/show.asp?id=5"),
            ("http://a.test/show.asp?id=5", "http://a.test/show.asp?id=6"),
            ("http://a.test/show.asp?id=5", "http://a.test/show.asp?id=5&type=b"),
            ("http://a.test/a/20210408.html", "http://a.test/b/20210408.html"),
            ("http://a.test/a/1.html", "http://a.test/b/1.html"),
            ("http://a.test/a/市.html", "http://a.test/a/县.html"),
            ("http://a.test/show.php?id=aB", "http://a.test/show.php?id=Ab"),
        ] {
            assert_ne!(
                article_key(&a.parse().unwrap()),
                article_key(&b.parse().unwrap()),
                "{a} {b}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_address_makes_a_safe_key(rest in "[a-zA-Z0-9/._?&=%;#市-]{0,60}") {
            let url = Url::parse("http://a.test/").unwrap().join(&rest);
            if let Ok(url) = url {
                let key = article_key(&url);
                let safe = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
                assert!(!key.is_empty() && key.bytes().all(safe) && !key.starts_with('.'), "{key}");
                assert!(key.len() < 200, "{key}");
            }
        }
    }
}
