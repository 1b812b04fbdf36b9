//! Links that bear the name of a column: where it may stand now.

use url::Url;

use super::same::letters;
use crate::model::Rejection;
use crate::text::{dom, plain, web};

/// Longer texts of links are titles of articles.
const LONGEST: usize = 16;
/// A shorter name stands in too many others.
const SHORTEST: usize = 2;
/// More links than any page needs.
const MAX_LINKS: usize = 4000;

/// A link that bears a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLink {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub url: Url,
    /// How well it is named, as [`rank`] says.
    pub rank: usize,
}

/// The links of `html`, the page of `url`, to pages of its site that bear one of `names`, the best
/// named first, of equals in page order; each address once.
pub fn named(html: &str, url: &Url, names: &[String]) -> Result<Vec<NamedLink>, Rejection> {
    let document = dom::parse(html)?;
    let base = dom::base(&document, url);
    let nodes = dom::descendants(&document.root())
        .filter(|node| node.has_name("a") || node.has_name("area"))
        .take(MAX_LINKS);
    let links = nodes.filter_map(|node| {
        let own = plain::one_line(&dom::visible_text(&node));
        let title = || node.attr("title").or_else(|| node.attr("alt")).unwrap_or_default();
        let text = if own.is_empty() { plain::one_line(&title()) } else { own };
        let rank = rank(&text, names)?;
        let mut url = web::resolve(&base, &node.attr("href")?)?;
        url.set_fragment(None);
        Some(NamedLink { text, url, rank })
    });
    let mut links: Vec<NamedLink> =
        links.filter(|link| web::same_site(&link.url, url) && !web::is_file(&link.url)).collect();
    links.sort_by_key(|link| link.rank);
    let mut seen = std::collections::HashSet::new();
    links.retain(|link| seen.insert(web::normalised(&link.url)));
    Ok(links)
}

/// How well `text` bears one of `names`, which stand the surest first: 0 is best; `None` where it
/// bears none, or is as long as a title.
pub fn rank(text: &str, names: &[String]) -> Option<usize> {
    let text = letters(text);
    if text.chars().count() > LONGEST {
        return None;
    }
    let names = names.iter().map(|name| letters(name)).enumerate();
    names
        .filter(|(_, name)| name.chars().count() >= SHORTEST)
        .filter_map(|(at, name)| match text == name {
            true => Some(2 * at),
            false => text.contains(&name).then_some(2 * at + 1),
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_best_named_links_come_first_and_titles_do_not() {
        let url = Url::parse("http://a.test/").unwrap();
        let html = "<a href=/a/>商会要闻</a><a href='/b/#top'>【要 闻】</a><a href=/b/>要闻</a>\
                    <a href=/c/ title=更多要闻><img></a><a href=/d/>头条</a><a href=/e.pdf>要闻</a>\
                    <a href=http://b.test/>要闻</a><a href='javascript:;'>要闻</a><a>要闻</a>\
                    <a href=/f/>本会要闻栏目征集稿件的通知请各单位踊跃投稿</a><a href=/g/>闻</a>";
        let found = named(html, &url, &names(&["要闻", "头条", "闻", ""])).unwrap();
        let found: Vec<(&str, usize)> =
            found.iter().map(|link| (link.url.path(), link.rank)).collect();
        assert_eq!(found, [("/b/", 0), ("/a/", 1), ("/c/", 1), ("/d/", 2)]);
    }

    #[test]
    fn width_and_case_do_not_matter_and_nothing_bears_no_name() {
        assert_eq!(rank("ＮＥＷＳ >>", &names(&["News"])), Some(0));
        assert_eq!(rank("", &names(&["要闻"])), None);
        assert_eq!(rank("要闻", &[]), None);
        assert_eq!(rank("😀", &names(&["😀", "要闻"])), None);
    }
}
