//! Files offered beside the body: many systems list attachments in a block of their own below it.

use std::sync::LazyLock;

use dom_query::{NodeData, NodeRef};
use regex::Regex;

use super::block::{self, Ground};
use super::frame;
use crate::model::Attachment;
use crate::text::dom::{self, Walk};
use crate::text::web;

/// What ends the article's surroundings.
static END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"上一[篇条页]|下一[篇条页]|相关(?:阅读|链接|新闻|文章|报道|推荐)|推荐阅读|版权所有|友情链接|ICP\s*备|主办单位")
        .expect("the pattern is valid")
});

/// The shortest text that ends them (bytes).
const SHORTEST_END: usize = "ICP备".len();

/// The files linked between `last`, the end of the body, and whatever ends its surroundings.
pub(super) fn files_after(
    last: &NodeRef<'_>,
    root: &NodeRef<'_>,
    ground: Ground<'_>,
) -> Vec<Attachment> {
    let mut files = Vec::new();
    let mut ended = false;
    dom::walk_after(last, root, |node, entering| {
        if !entering || ended {
            return if ended { Walk::Over } else { Walk::Into };
        }
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } => {
                ended = contents.len() >= SHORTEST_END
                    && !contents.trim_ascii().is_empty()
                    && END.is_match(contents);
                Walk::Into
            }
            NodeData::Element(element) => {
                let name: &str = &element.name.local;
                ended = name == "footer";
                if name == "a"
                    && let Some(href) = element.attr("href")
                    && let marked = element.attr("appendix").is_some()
                    && (marked || !web::is_plainly_page(&href))
                    && let Some(url) = web::resolve(ground.base, &href)
                    && (marked || ground.is_document(&url))
                {
                    files.push(block::attachment(node, element, url));
                }
                files.extend(frame::file(node, element, ground).filter(|_| name != "script"));
                if dom::is_skipped(&element.name.local) { Walk::Over } else { Walk::Into }
            }
            _ => Walk::Into,
        })
    });
    files
}
