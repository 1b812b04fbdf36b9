//! Lists that are sitemaps (sitemaps.org protocol 0.9): addresses, hardly ever titles.

use dom_query::NodeRef;
use url::Url;

use super::anchor::looks_like_article;
use super::feed::root;
use super::{ListRule, MAX_CALLS, empty, title};
use crate::model::{Call, Link, Listing, Rejection};
use crate::text::{date, dom, web};

/// True where `text` begins as a sitemap or an index of sitemaps does, or is a list of addresses.
pub(super) fn is_sitemap(text: &str) -> bool {
    let start: String = root(text).chars().take(40).collect::<String>().to_ascii_lowercase();
    let named = start.strip_prefix('<').unwrap_or_default();
    let local = named.get(prefix(text).len()..).unwrap_or_default();
    local.starts_with("urlset") || local.starts_with("sitemapindex") || addresses(text).is_some()
}

/// What stands before the names of the elements: `sm:` in `<sm:urlset>`, hardly ever anything.
fn prefix(text: &str) -> String {
    let name = root(text).strip_prefix('<').unwrap_or_default();
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(0);
    if name[end..].starts_with(':') { name[..=end].to_ascii_lowercase() } else { String::new() }
}

/// The addresses that `text` has line by line and nothing else.
fn addresses(text: &str) -> Option<Vec<Url>> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let found: Option<Vec<Url>> = lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let whole = line.starts_with("http") && !line.contains([' ', '<', '"']);
            whole.then(|| line.parse().ok())?
        })
        .collect();
    found.filter(|found| found.len() >= 3)
}

/// Reads the sitemap `text`: the addresses of articles, newest first where the map dates them; of
/// an index, the maps.
///
/// `<lastmod>` orders the rows and is not their date: it moves whenever a page is built again.
pub(super) fn read(text: &str, url: &Url, rule: &ListRule) -> Result<Listing, Rejection> {
    let chosen = |url: &Url| !rule.include_url.is_empty() || looks_like_article(url);
    if let Some(found) = addresses(text) {
        let count = found.len();
        let rows = found.into_iter().filter(chosen);
        let links: Vec<Link> = rows
            .map(|url| Link { title: String::new(), posted: date::from_url(&url), url })
            .collect();
        return listing(links, count, text);
    }
    let document = dom::parse(text)?;
    let prefix = prefix(text);
    let maps = entries(&document.root(), &format!("{prefix}sitemap"));
    if !maps.is_empty() {
        let calls = ordered(maps, url, &prefix).into_iter().map(|(_, url)| Call::get(url));
        let next = calls.take(MAX_CALLS).collect();
        return Ok(Listing { links: Vec::new(), next, rule: "sitemap".to_owned() });
    }
    let rows = entries(&document.root(), &format!("{prefix}url"));
    let count = rows.len();
    let links: Vec<Link> = ordered(rows, url, &prefix)
        .into_iter()
        .filter(|(_, address)| chosen(address))
        .map(|(node, address)| Link {
            title: said(&node, "news:title").map(|text| title::clean(&text)).unwrap_or_default(),
            posted: said(&node, "news:publication_date")
                .and_then(|text| date::find(&text, None))
                .or_else(|| date::from_url(&address)),
            url: address,
        })
        .collect();
    listing(links, count, text)
}

fn listing(links: Vec<Link>, count: usize, text: &str) -> Result<Listing, Rejection> {
    if links.is_empty() {
        return Err(empty(text, &format!("no address of an article among {count} of the sitemap")));
    }
    Ok(Listing { links, next: Vec::new(), rule: "sitemap".to_owned() })
}

fn entries<'a>(root: &NodeRef<'a>, name: &str) -> Vec<NodeRef<'a>> {
    dom::descendants(root).filter(|node| node.has_name(name)).collect()
}

/// The entries with their addresses, the one changed last first; undated ones stay in their order.
fn ordered<'a>(nodes: Vec<NodeRef<'a>>, url: &Url, prefix: &str) -> Vec<(NodeRef<'a>, Url)> {
    let mut found: Vec<(Option<String>, NodeRef<'a>, Url)> = nodes
        .into_iter()
        .filter_map(|node| {
            let address = web::resolve(url, &said(&node, &format!("{prefix}loc"))?)?;
            Some((said(&node, &format!("{prefix}lastmod")), node, address))
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0));
    found.into_iter().map(|(_, node, address)| (node, address)).collect()
}

/// The text of the first element of this name in `node`.
fn said(node: &NodeRef<'_>, name: &str) -> Option<String> {
    let found = dom::descendants(node).find(|inner| inner.has_name(name))?;
    let text = found.text().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Listing, Rejection> {
        let call = Call::get("http://a.test/sitemap.xml".parse().unwrap());
        crate::discover::read(text, &call, None, &ListRule::default())
    }

    #[test]
    fn articles_newest_first() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
            <url><loc>http://a.test/</loc></url><url><loc>http://a.test/gsldt/</loc><lastmod>2026-11-20</lastmod></url>
            <url><loc>http://a.test/gsldt/202611/t20261101_11.html?a=1&amp;b=2</loc><lastmod>2026-11-01</lastmod></url>
            <url><loc>http://a.test/show/1002.html</loc><lastmod>2026-11-19T08:00:00+08:00</lastmod>
            <news:news><news:publication_date>2026-11-18</news:publication_date><news:title>走访会员企业</news:title></news:news></url></urlset>"#;
        let listing = read(text).unwrap();
        let row = |link: &Link| {
            let date = link.posted.map(|posted| posted.to_string()).unwrap_or_default();
            format!("{} {} {date}", link.url, link.title)
        };
        let rows: Vec<String> = listing.links.iter().map(row).collect();
        assert_eq!(
            rows,
            [
                "http://a.test/show/1002.html 走访会员企业 2026-11-18",
                "http://a.test/gsldt/202611/t20261101_11.html?a=1&b=2  2026-11-01",
            ]
        );
        assert!(listing.next.is_empty());
    }

    #[test]
    fn names_with_a_prefix_and_bare_addresses() {
        let paths = |text: &str| -> Vec<String> {
            read(text).unwrap().links.iter().map(|link| link.url.path().to_owned()).collect()
        };
        let text = "<?xml version=\"1.0\"?><sm:urlset xmlns:sm=\"x\"><sm:url><sm:loc> http://a.test/d/1.html </sm:loc>\
            </sm:url><sm:url><sm:loc>http://a.test/d/2.html</sm:loc><sm:lastmod>2026-11-18</sm:lastmod></sm:url></sm:urlset>";
        assert_eq!(paths(text), ["/d/2.html", "/d/1.html"]);
        let text = "http://a.test/\r\nhttp://a.test/d/1.html\r\n\r\nhttp://a.test/d/2.html\r\n";
        assert_eq!(paths(text), ["/d/1.html", "/d/2.html"]);
        assert!(read("http://a.test/d/1.html\n一句话\nhttp://a.test/d/2.html\n").is_err());
    }

    #[test]
    fn an_index_names_its_maps() {
        let text = "<sitemapindex><sitemap><loc>/s1.xml</loc><lastmod>2025-01-01</lastmod></sitemap>\
            <sitemap><loc>/s2.xml</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>";
        let listing = read(text).unwrap();
        let next: Vec<&str> = listing.next.iter().map(|call| call.url.path()).collect();
        assert_eq!((listing.links.len(), next), (0, vec!["/s2.xml", "/s1.xml"]));
        assert_eq!(read("<urlset></urlset>").unwrap_err().code, "list-empty");
    }
}
