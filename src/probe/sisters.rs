//! Links of a portal to its sister sites, grouped as it prints them.

use std::collections::HashSet;

use dom_query::{NodeId, NodeRef};
use url::Url;

use super::columns::block_name;
use crate::model::Rejection;
use crate::text::{dom, plain, web};

/// The sister sites under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sisters {
    /// The heading as printed; empty where there is none.
    pub heading: String,
    /// The sites in page order; a host stands in the first group that has it.
    pub sites: Vec<Sister>,
}

/// A link to another site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sister {
    /// As printed.
    pub name: String,
    /// Where it leads.
    pub url: Url,
    /// False for links whose name and heading speak of no federation, chamber or association.
    pub kin: bool,
}

/// Words in names of sister sites and in the headings over them.
const KIN: &[&str] = &[
    "工商联",
    "工商业联合会",
    "总商会",
    "商会",
    "协会",
    "联合会",
    "联谊会",
    "促进会",
    "企业家",
    "光彩",
];
/// Hosts in every foot that are nobody's sister.
const STRANGERS: &[&str] = &[
    "beian.miit.gov.cn",
    "beian.gov.cn",
    "beian.mps.gov.cn",
    "miitbeian.gov.cn",
    "bszs.conac.cn",
    "conac.cn",
    "weibo.com",
    "12377.cn",
    "zfwzgl.www.gov.cn",
    "qq.com",
    "baidu.com",
    "douyin.com",
];
/// More groups and links than any portal prints.
const MAX_LINKS: usize = 2000;
/// So far up from a link the block is looked for that holds its neighbours too.
const MAX_CLIMB: usize = 6;

/// The links on `html` at `url` that lead to other sites.
pub fn sisters(html: &str, url: &Url) -> Result<Vec<Sisters>, Rejection> {
    let document = dom::parse(html)?;
    let base = dom::base(&document, url);
    let links: Vec<(NodeRef<'_>, String, Url)> = dom::descendants(&document.root())
        .filter_map(|node| link(&node, &base, url))
        .take(MAX_LINKS)
        .collect();
    let ids: HashSet<NodeId> = links.iter().map(|(node, ..)| node.id).collect();
    let mut hosts: HashSet<String> = HashSet::new();
    let mut groups: Vec<(NodeId, Sisters)> = Vec::new();
    for (node, name, target) in links {
        if !hosts.insert(web::bare_host(&target)) {
            continue;
        }
        let block = block(&node, &ids);
        let place = groups.iter().position(|(id, _)| *id == block.id).unwrap_or_else(|| {
            groups.push((block.id, Sisters { heading: heading(&block), sites: Vec::new() }));
            groups.len() - 1
        });
        let group = &mut groups[place].1;
        let kin = KIN.iter().any(|word| name.contains(word) || group.heading.contains(word));
        group.sites.push(Sister { name, url: target, kin });
    }
    let groups = groups.into_iter().map(|(_, group)| group);
    Ok(groups.filter(|group| !group.sites.is_empty()).collect())
}

/// Where a link, or an entry of a list to choose from, leads on another site.
fn link<'a>(node: &NodeRef<'a>, base: &Url, page: &Url) -> Option<(NodeRef<'a>, String, Url)> {
    let href = if node.has_name("a") || node.has_name("area") {
        node.attr("href")?
    } else if node.has_name("option") {
        node.attr("value").filter(|value| value.trim().to_ascii_lowercase().starts_with("http"))?
    } else {
        return None;
    };
    let url = web::resolve(base, &href)?;
    let host = web::bare_host(&url);
    let stranger =
        STRANGERS.iter().any(|known| host == *known || host.ends_with(&format!(".{known}")));
    if web::same_site(&url, page) || web::is_file(&url) || web::is_wechat(&url) || stranger {
        return None;
    }
    let name =
        [dom::visible_text(node), attribute(node, "title"), attribute(node, "alt"), picture(node)]
            .iter()
            .map(|text| plain::one_line(text))
            .find(|text| !text.is_empty())?;
    Some((*node, name, url))
}

fn attribute(node: &NodeRef<'_>, name: &str) -> String {
    node.attr(name).unwrap_or_default().to_string()
}

fn picture(node: &NodeRef<'_>) -> String {
    let pictures = dom::descendants(node).filter(|inner| inner.has_name("img"));
    pictures.map(|img| attribute(&img, "alt")).find(|alt| !alt.is_empty()).unwrap_or_default()
}

/// The smallest block around `node` that holds another such link, or a list with its own heading.
fn block<'a>(node: &NodeRef<'a>, links: &HashSet<NodeId>) -> NodeRef<'a> {
    let is_shared = |above: &NodeRef<'a>| {
        dom::descendants(above).filter(|inner| links.contains(&inner.id)).take(2).count() > 1
    };
    let is_list = |above: &NodeRef<'a>| {
        let name = above.node_name().unwrap_or_default();
        match &*name {
            "select" => true,
            "dl" | "ul" | "ol" | "table" | "fieldset" => own_heading(above).is_some(),
            _ => false,
        }
    };
    let mut above = node.ancestors_it(Some(MAX_CLIMB)).filter(|above| !above.has_name("body"));
    let found = above.find(|above| is_list(above) || is_shared(above));
    let found = found.or_else(|| node.parent()).unwrap_or(*node);
    // Rows of one table are one block.
    let table = found.has_name("tr").then(|| found.ancestors_it(Some(2)).last()).flatten();
    table.filter(|above| !above.has_name("body")).unwrap_or(found)
}

/// What stands over the block: its own first words before any link, the first entry of a list to
/// choose from, else the heading before it.
fn heading(block: &NodeRef<'_>) -> String {
    own_heading(block).unwrap_or_else(|| block_name(block))
}

fn own_heading(block: &NodeRef<'_>) -> Option<String> {
    let clean = |text: &str| {
        let text = plain::one_line(text);
        text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
    };
    let is_link = |node: &NodeRef<'_>| {
        node.has_name("a")
            || (node.has_name("option")
                && attribute(node, "value").trim().to_ascii_lowercase().starts_with("http"))
    };
    dom::descendants(block)
        .take_while(|inner| !is_link(inner))
        .filter(NodeRef::is_text)
        .map(|inner| clean(&inner.text()))
        .find(|text| (2..=20).contains(&text.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Site = (String, String, bool);

    fn read(html: &str) -> Vec<(String, Vec<Site>)> {
        let url = Url::parse("http://a.test/links.html").unwrap();
        let groups = sisters(html, &url).unwrap().into_iter();
        groups
            .map(|group| {
                let sites = group.sites.into_iter();
                (group.heading, sites.map(|s| (s.name, s.url.to_string(), s.kin)).collect())
            })
            .collect()
    }

    fn site(name: &str, host: &str, kin: bool) -> Site {
        (name.to_owned(), format!("http://{host}/"), kin)
    }

    #[test]
    fn every_form_of_link_is_read_under_its_heading() {
        let html = "<div class=links><h3>各市工商联</h3><ul><li><a href='http://b.test/'>乙市</a></li>\
                    <li><a href='http://c.test/' title=丙市></a></li><li><a href=/in/>本站</a></li></ul></div>\
                    <select onchange='window.open(this.value)'><option>直属商会</option>\
                    <option value='http://d.test/'>丁行业</option><option value='#'>空</option></select>\
                    <ul><li>友情链接</li><li><a href='http://e.test/'>某某网</a></li>\
                    <li><a href='http://f.test/'>某县商会</a></li></ul>\
                    <p><a href='https://beian.miit.gov.cn/'>苏ICP备1号</a></p>";
        assert_eq!(
            read(html),
            [
                (
                    "各市工商联".to_owned(),
                    vec![site("乙市", "b.test", true), site("丙市", "c.test", true)]
                ),
                ("直属商会".to_owned(), vec![site("丁行业", "d.test", true)]),
                (
                    "友情链接".to_owned(),
                    vec![site("某某网", "e.test", false), site("某县商会", "f.test", true)]
                ),
            ]
        );
    }

    #[test]
    fn a_list_with_a_heading_is_a_group_of_its_own() {
        let html = "<div><select><option>各市工商联</option><option value=http://b.test/>乙</option>\
                    </select><dl><dt>友情链接</dt><dd><a href=http://c.test/>某网</a></dd></dl></div>";
        let headings: Vec<String> = read(html).into_iter().map(|group| group.0).collect();
        assert_eq!(headings, ["各市工商联", "友情链接"]);
    }

    #[test]
    fn a_host_is_told_once() {
        let html = "<div><b>商会</b><a href='http://b.test/'>乙</a><a href='http://www.b.test/x'>乙</a>\
                    <a href='http://c.test/'>丙</a></div>";
        let groups = read(html);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].1.len(), 2);
    }
}
