//! A page as the lines a reader sees, each with what tells running text from everything else.

use std::sync::LazyLock;

use dom_query::{NodeData, NodeId, NodeRef};
use html5ever::local_name;
use regex::Regex;

use crate::text::dom::{self, Walk};

/// One line of visible text: a block, or a part of one that `<br>` sets apart.
pub(super) struct Line<'a> {
    /// White space of the source folded, U+3000 and NBSP kept, none at the ends.
    pub(super) text: String,
    /// The element that holds the line.
    pub(super) block: NodeRef<'a>,
    /// Characters without white space.
    pub(super) chars: u32,
    /// Those of them that stand in links.
    pub(super) linked: u32,
    /// Chinese and ASCII punctuation of sentences.
    pub(super) stops: u32,
    /// 1 to 6 within a heading, else 0.
    pub(super) heading: u8,
    /// Stands in a part of the page that is not its content: navigation, side bar, comments.
    pub(super) aside: bool,
}

impl Line<'_> {
    /// True when most of the line is links.
    pub(super) fn is_linked(&self) -> bool {
        self.linked * 2 > self.chars
    }
}

/// The lines of the page, in reading order.
pub(super) fn read<'a>(root: &NodeRef<'a>) -> Vec<Line<'a>> {
    let mut reader = Reader::default();
    dom::walk(root, |node, entering| reader.visit(node, entering));
    reader.flush();
    reader.lines
}

#[derive(Default)]
struct Reader<'a> {
    lines: Vec<Line<'a>>,
    text: String,
    gap: bool,
    chars: u32,
    linked: u32,
    stops: u32,
    block: Option<NodeRef<'a>>,
    blocks: Vec<NodeRef<'a>>,
    links: u32,
    heading: u8,
    aside: Vec<NodeId>,
}

impl<'a> Reader<'a> {
    fn visit(&mut self, node: &NodeRef<'a>, entering: bool) -> Walk {
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } => {
                if entering {
                    self.push(contents, node);
                }
                Walk::Into
            }
            NodeData::Element(element) => {
                let name = &element.name.local;
                if dom::is_skipped(name) || *name == local_name!("noscript") {
                    return Walk::Over;
                }
                if *name == local_name!("a") {
                    self.links =
                        if entering { self.links + 1 } else { self.links.saturating_sub(1) };
                }
                if entering && is_aside(element) {
                    self.aside.push(node.id);
                } else if !entering && self.aside.last() == Some(&node.id) {
                    self.flush();
                    self.aside.pop();
                }
                if *name == local_name!("br") && entering {
                    self.flush();
                } else if dom::is_block(name) {
                    self.flush();
                    self.heading =
                        if entering { heading_level(name).unwrap_or(self.heading) } else { 0 };
                    if entering {
                        self.blocks.push(*node);
                    } else if self.blocks.last().is_some_and(|block| block.id == node.id) {
                        self.blocks.pop();
                    }
                }
                Walk::Into
            }
            _ => Walk::Into,
        })
    }

    fn push(&mut self, text: &str, node: &NodeRef<'a>) {
        let (before, linked) = (self.chars, self.links > 0);
        let is_gap = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
        self.gap |= is_gap(text.as_bytes().first());
        for piece in text.split_ascii_whitespace() {
            self.push_piece(piece);
            self.gap = true;
        }
        // No gap follows the last piece unless the text ends in one.
        self.gap &= text.is_empty() || is_gap(text.as_bytes().last());
        if self.chars > before {
            self.linked += if linked { self.chars - before } else { 0 };
            if self.block.is_none() {
                self.block = self.blocks.last().copied().or_else(|| node.parent());
            }
        }
    }

    fn push_piece(&mut self, piece: &str) {
        if std::mem::take(&mut self.gap) && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(piece);
        for c in piece.chars() {
            // Most characters of most pages, told at once.
            if matches!(c, '\u{4E00}'..='\u{9FFF}') {
                self.chars += 1;
            } else if !c.is_whitespace() {
                self.chars += 1;
                self.stops += u32::from(is_stop(c));
            }
        }
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let block = self.block.take();
        let (chars, linked) = (std::mem::take(&mut self.chars), std::mem::take(&mut self.linked));
        let stops = std::mem::take(&mut self.stops);
        self.gap = false;
        let Some(block) = block.filter(|_| chars > 0) else { return };
        let text = text.trim().to_owned();
        let aside = !self.aside.is_empty();
        self.lines.push(Line { text, block, chars, linked, stops, heading: self.heading, aside });
    }
}

fn is_stop(c: char) -> bool {
    matches!(
        c,
        '。' | '，'
            | '、'
            | '；'
            | '！'
            | '？'
            | '：'
            | '”'
            | '“'
            | '…'
            | ','
            | ';'
            | '!'
            | '?'
    )
}

fn heading_level(name: &str) -> Option<u8> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

/// Names by which templates call the parts that are not the article: a word that begins or ends so.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
    let names = "comment|pinglun|recommend|related|relate|tuijian|xiangguan|sidebar|copyright|footer|breadcrumb|\
                 friendlink|hotnews|hot-news|paihang|ranking";
    Regex::new(&format!(r"(?i)(?-u)(?:^|\s)(?:{names})|(?:{names})(?:\s|$)"))
        .expect("the pattern is valid")
});

/// True for a part of the page that is not its content: navigation, side bar, comments.
pub(super) fn is_aside(element: &dom_query::Element) -> bool {
    match element.name.local {
        local_name!("nav") | local_name!("footer") | local_name!("aside") => return true,
        local_name!("div")
        | local_name!("ul")
        | local_name!("section")
        | local_name!("td")
        | local_name!("dl")
        | local_name!("table") => {}
        _ => return false,
    }
    let called = |attribute: &html5ever::Attribute| {
        matches!(attribute.name.local, local_name!("id") | local_name!("class"))
            && ASIDE.is_match(&attribute.value)
    };
    element.attrs.iter().any(called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_carry_their_links_headings_and_surroundings() {
        let doc = dom::parse(
            "<h1>题 目</h1><p>正文，<a href=x>链接</a><br>\u{3000}第二行</p><nav>首页</nav>\
             <div class='box comment-list'><p>评论</p></div><script>x</script>尾",
        )
        .unwrap();
        let lines = read(&doc.root());
        let seen: Vec<_> = lines
            .iter()
            .map(|line| (line.text.as_str(), line.chars, line.linked, line.heading, line.aside))
            .collect();
        assert_eq!(
            seen,
            [
                ("题 目", 2, 0, 1, false),
                ("正文，链接", 5, 2, 0, false),
                ("第二行", 3, 0, 0, false),
                ("首页", 2, 0, 0, true),
                ("评论", 2, 0, 0, true),
                ("尾", 1, 0, 0, false),
            ]
        );
        assert_eq!(lines[1].stops, 1);
    }
}
