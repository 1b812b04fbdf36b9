//! Fields told by what a template calls the element that shows them: `class="author-name"`,
//! `rel="author"`, `id="source"`, `<time datetime>`, `data-time`.
//!
//! Only elements around the title and before the running text count, those after the title first;
//! asked where labels told nothing.

use dom_query::{Element, NodeData, NodeId, NodeRef};

use super::label::{self, Kind};
use super::line;
use super::script;
use crate::model::{Found, Posted};
use crate::text::date;
use crate::text::dom::{self, Walk};

/// What marked elements say.
#[derive(Debug, Default)]
pub(super) struct Marked {
    pub(super) posted: Option<Found<Posted>>,
    pub(super) credit: Option<Found<String>>,
    pub(super) author: Option<Found<String>>,
}

/// Longer texts are no field (characters).
const LONGEST: usize = 40;

/// Longer names have run together with what stands beside them (characters).
const LONGEST_NAME: usize = 16;

/// An element that holds more is no field (nodes).
const MOST_NODES: usize = 40;
/// Nor is one that says more, white space of the source included (bytes).
const MOST_BYTES: usize = 2000;

/// What an element is called for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Posted,
    Credit,
    Author,
}

/// Attributes in which templates keep the time that a script prints.
const TIMES: &[&str] =
    &["datetime", "data-time", "data-publish-time", "data-pubtime", "data-timestamp", "data-date"];

/// The fields of elements before `end`; those behind `title` are likelier to speak of it.
pub(super) fn read(root: &NodeRef<'_>, title: Option<NodeId>, end: Option<NodeId>) -> Marked {
    let (mut above, mut below) = (Marked::default(), Marked::default());
    let (mut past_title, mut ended) = (title.is_none(), false);
    dom::walk(root, |node, entering| {
        if ended {
            return Walk::Over;
        }
        if title == Some(node.id) {
            past_title |= !entering;
            return Walk::Into;
        }
        if end == Some(node.id) {
            ended = true;
            return Walk::Over;
        }
        if !entering {
            return Walk::Over;
        }
        node.query_or(Walk::Into, |inner| {
            let NodeData::Element(element) = &inner.data else { return Walk::Into };
            let name: &str = &element.name.local;
            if dom::is_skipped(&element.name.local) && name != "head" || line::is_aside(element) {
                return Walk::Over;
            }
            if let Some(role) = role(name, element) {
                let marked = if past_title { &mut below } else { &mut above };
                marked.take(role, node, element);
            }
            Walk::Into
        })
    });
    Marked {
        posted: below.posted.or(above.posted),
        credit: below.credit.or(above.credit),
        author: below.author.or(above.author),
    }
}

impl Marked {
    fn take(&mut self, role: Role, node: &NodeRef<'_>, element: &Element) {
        let text = || {
            // Frames of the whole page bear such names too, one within the other.
            if !is_small(node) {
                return None;
            }
            let text = dom::visible_text(node);
            (label::characters(&text) <= LONGEST).then_some(text)
        };
        let named = |kind| {
            let text = text()?;
            let value = label::named(text.trim(), kind)?;
            if value.chars().count() > LONGEST_NAME {
                return None;
            }
            Some(Found { value, rule: "heuristic element name".to_owned() })
        };
        match role {
            Role::Posted if self.posted.is_none() => {
                let of_attribute = TIMES
                    .iter()
                    .filter_map(|key| element.attr(key))
                    .find_map(|value| script::moment(value.trim()));
                let value = of_attribute.or_else(|| date::find(&text()?, None));
                let rule = "heuristic element name".to_owned();
                self.posted = value.map(|value| Found { value, rule });
            }
            Role::Credit if self.credit.is_none() => self.credit = named(Kind::Credit),
            Role::Author if self.author.is_none() => self.author = named(Kind::Author),
            _ => {}
        }
    }
}

/// True for an element whose text costs nothing to look at.
fn is_small(node: &NodeRef<'_>) -> bool {
    let mut bytes = 0;
    dom::descendants(node).enumerate().all(|(nodes, inner)| {
        bytes += inner.query_or(0, |inner| match &inner.data {
            NodeData::Text { contents } => contents.len(),
            _ => 0,
        });
        nodes < MOST_NODES && bytes <= MOST_BYTES
    })
}

fn role(name: &str, element: &Element) -> Option<Role> {
    if name == "time" || TIMES[1..].iter().any(|key| element.has_attr(key)) {
        return Some(Role::Posted);
    }
    ["class", "id", "rel", "itemprop"].into_iter().find_map(|key| {
        let value = element.attr(key)?.to_ascii_lowercase();
        value.split_whitespace().find_map(role_of_word)
    })
}

/// What one name says; `authority`, `resource` and `update` are other words.
fn role_of_word(word: &str) -> Option<Role> {
    let has = |known: &[&str]| known.iter().any(|known| word.contains(known));
    if has(&["author", "zuozhe", "writer", "byline"]) && !has(&["authori"]) {
        return Some(Role::Author);
    }
    if has(&["source", "laiyuan", "copyfrom", "js_name"]) && !has(&["resource", "sourcecode"]) {
        return Some(Role::Credit);
    }
    let dated = has(&["time", "date", "shijian", "riqi"]);
    (dated && !has(&["update", "modif", "sometimes", "timeline"])).then_some(Role::Posted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(html: &str, wanted: (&str, &str, &str)) {
        let doc = dom::parse(html).unwrap();
        let of = |name: &str| doc.select(name).nodes().first().map(|node| node.id);
        let marked = read(&doc.root(), of("h1"), of("#body"));
        let said = |found: Option<Found<String>>| found.map(|f| f.value).unwrap_or_default();
        let posted = marked.posted.map(|f| f.value.to_string()).unwrap_or_default();
        let found = (posted, said(marked.credit), said(marked.author));
        let found = (found.0.as_str(), found.1.as_str(), found.2.as_str());
        assert_eq!(found, wanted, "in {html}");
    }

    #[test]
    fn elements_called_after_their_fields() {
        reads(
            "<h1>题</h1><div class='author-box'><p class=author-name>张三</p><p>关注</p></div>\
             <span class=a_source>商会观察</span><time datetime='2026-01-02T10:00:00+08:00'>昨天</time>\
             <div id=body>正文</div>",
            ("2026-01-02T10:00:00+08:00", "商会观察", "张三"),
        );
        reads(
            "<h1>题</h1><a rel=author href=x>作者：李四</a><span id=source>来源：市商会</span>\
             <i data-time=1767319200></i><div id=body>正文</div>",
            ("2026-01-02T10:00:00+08:00", "市商会", "李四"),
        );
        reads(
            "<span class=pubtime>2026-01-02 签发</span><h1>题</h1><p class=resource>资料</p>\
             <p class=authority>权威</p><div id=body>正文<p class=author>评论员</p></div>",
            ("2026-01-02", "", ""),
        );
        reads(
            "<h1>题</h1><div class='comment-list'><p class=author>网友</p></div><div id=body>",
            ("", "", ""),
        );
    }
}
