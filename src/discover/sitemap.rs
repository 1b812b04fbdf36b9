//! Lists that are sitemaps (sitemaps.org protocol 0.9): addresses, hardly ever titles.

use dom_query::NodeRef;
use url::Url;

use super::anchor::looks_like_article;
use super::feed::root;
use super::{ListRule, MAX_CALLS, empty, title};
use crate::model::{Call, Link, Listing, Rejection};
use crate::text::{date, dom, web};

/// True where `text` begins as a sitemap or an index of sitemaps does.
pub(super) fn is_sitemap(text: &str) -> bool {
    let root: String = root(text).chars().take(20).collect::<String>().to_ascii_lowercase();
    root.starts_with("<urlset") || root.starts_with("<sitemapindex")
}

/// Reads the sitemap `text`: the addresses of articles, newest first where the map dates them; of
/// an index, the maps.
///
/// `<lastmod>` orders the rows and is not their date: it moves whenever a page is built again.
pub(super) fn read(text: &str, url: &Url, rule: &ListRule) -> Result<Listing, Rejection> {
    let document = dom::parse(text)?;
    let rule_name = || "sitemap".to_owned();
    let maps = entries(&document.root(), "sitemap");
    if !maps.is_empty() {
        let calls = ordered(maps, url).into_iter().map(|(_, url)| Call::get(url));
        return Ok(Listing {
            links: Vec::new(),
            next: calls.take(MAX_CALLS).collect(),
            rule: rule_name(),
        });
    }
    let rows = entries(&document.root(), "url");
    let count = rows.len();
    let chosen = |url: &Url| !rule.include_url.is_empty() || looks_like_article(url);
    let links: Vec<Link> = ordered(rows, url)
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
    if links.is_empty() {
        return Err(empty(text, &format!("no address of an article among {count} of the sitemap")));
    }
    Ok(Listing { links, next: Vec::new(), rule: rule_name() })
}

fn entries<'a>(root: &NodeRef<'a>, name: &str) -> Vec<NodeRef<'a>> {
    dom::descendants(root).filter(|node| node.has_name(name)).collect()
}

/// The entries with their addresses, the one changed last first; undated ones stay in their order.
fn ordered<'a>(nodes: Vec<NodeRef<'a>>, url: &Url) -> Vec<(NodeRef<'a>, Url)> {
    let mut found: Vec<(Option<String>, NodeRef<'a>, Url)> = nodes
        .into_iter()
        .filter_map(|node| {
            let address = web::resolve(url, &said(&node, "loc")?)?;
            Some((said(&node, "lastmod"), node, address))
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
    fn an_index_names_its_maps() {
        let text = "<sitemapindex><sitemap><loc>/s1.xml</loc><lastmod>2025-01-01</lastmod></sitemap>\
            <sitemap><loc>/s2.xml</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>";
        let listing = read(text).unwrap();
        let next: Vec<&str> = listing.next.iter().map(|call| call.url.path()).collect();
        assert_eq!((listing.links.len(), next), (0, vec!["/s2.xml", "/s1.xml"]));
        assert_eq!(read("<urlset></urlset>").unwrap_err().code, "list-empty");
    }
}
