//! The parser with a limit on depth, on nodes and on attributes.
//!
//! html5ever is quadratic in nesting depth and in the attributes of one tag, and re-opens unclosed
//! formatting elements in every later block. So the page is fed to it piece by piece, and the depth
//! it really reaches, implied end tags and re-opened elements included, is looked at in between.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use dom_query::{Document, NodeId};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

use super::MAX_DEPTH;
use crate::model::{ProblemCode, Rejection};

/// What one piece can do before the limits are looked at again.
const PIECE_BYTES: usize = 4096;
/// Ten times what the largest real pages have.
const MAX_NODES: u32 = 500_000;
/// The parser compares each attribute of a tag with all before it.
const MAX_ATTRIBUTES: usize = 2048;

/// Parses within the limits.
pub(super) fn parse(html: &str) -> Result<Document, Rejection> {
    check_attributes(html)?;
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let mut parser = parse_document(Guard::default(), options);
    let whole = StrTendril::from(html);
    let mut start = 0;
    while start < html.len() {
        let mut end = (start + PIECE_BYTES).min(html.len());
        while !html.is_char_boundary(end) {
            end += 1;
        }
        parser.process(whole.subtendril(offset(start), offset(end - start)));
        parser.tokenizer.sink.sink.check()?;
        start = end;
    }
    let guard = parser.finish();
    guard.check()?;
    guard.check_tree()?;
    Ok(guard.document)
}

/// Pages are cut off by the fetch limits long before 4 GB.
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Refuses tags with absurdly many attributes, by one scan over the bytes outside of scripts.
fn check_attributes(html: &str) -> Result<(), Rejection> {
    let bytes = html.as_bytes();
    let mut rest = 0;
    while let Some(found) = html.get(rest..).and_then(|tail| tail.find('<')) {
        let start = rest + found + 1;
        if !bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
            rest = start;
            continue;
        }
        let (end, spaces) = tag_end(bytes, start);
        if spaces > MAX_ATTRIBUTES {
            return Err(Rejection::new(
                ProblemCode::TooLarge,
                "one tag has thousands of attributes",
            ));
        }
        rest = past_raw_text(html, start, end);
    }
    Ok(())
}

/// The end of the tag and how many attributes it can have at most.
fn tag_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let (mut attributes, mut quote, mut before) = (0, 0, b'a');
    for (i, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'"' | b'\'' if quote == 0 && before == b'=' => quote = byte,
            _ if quote != 0 && byte == quote => {
                quote = 0;
                attributes += 1;
            }
            _ if quote != 0 => {}
            b'>' => return (i + 1, attributes),
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' => {
                attributes += usize::from(before != b' ');
            }
            _ => {}
        }
        if quote == 0 {
            before = match byte {
                b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' => b' ',
                b' ' if before == b'=' => b'=',
                _ => byte,
            };
        } else {
            before = b'a';
        }
    }
    (bytes.len(), attributes)
}

/// Scripts and styles are no markup: their end tag is looked for as the parser does.
fn past_raw_text(html: &str, start: usize, end: usize) -> usize {
    let bytes = html.as_bytes();
    for name in ["script", "style"] {
        let named = bytes.get(start..start + name.len());
        if !named.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
            continue;
        }
        let mut at = end;
        while let Some(found) = html.get(at..).and_then(|tail| tail.find("</")) {
            at += found + 2;
            let closing = bytes.get(at..at + name.len());
            if closing.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
                return at;
            }
        }
        return html.len();
    }
    end
}

/// A node and the slot in which its depth is kept.
#[derive(Clone, Copy)]
struct Handle {
    id: NodeId,
    slot: usize,
}

/// The tree under construction, with the depth of every element in it.
#[derive(Default)]
struct Guard {
    document: Document,
    depths: RefCell<Vec<usize>>,
    deepest: Cell<usize>,
    nodes: Cell<u32>,
}

impl Guard {
    fn check(&self) -> Result<(), Rejection> {
        if self.deepest.get() > MAX_DEPTH {
            return Err(too_deep());
        }
        if self.nodes.get() > MAX_NODES {
            return Err(Rejection::new(
                ProblemCode::TooLarge,
                "the page has more than 500,000 elements",
            ));
        }
        Ok(())
    }

    /// Misnested formatting moves whole subtrees downwards, unseen by [`Guard::place`].
    fn check_tree(&self) -> Result<(), Rejection> {
        let root = self.document.root();
        let (mut node, mut depth) = (root, 0);
        loop {
            if let Some(child) = node.first_child() {
                node = child;
                depth += 1;
                if depth > MAX_DEPTH + 1 {
                    return Err(too_deep());
                }
                continue;
            }
            while node.next_sibling().is_none() {
                match node.parent() {
                    Some(parent) if node.id != root.id => node = parent,
                    _ => return Ok(()),
                }
                depth -= 1;
                if node.id == root.id {
                    return Ok(());
                }
            }
            match node.next_sibling() {
                Some(next) => node = next,
                None => return Ok(()),
            }
        }
    }

    fn handle(&self, id: NodeId) -> Handle {
        let mut depths = self.depths.borrow_mut();
        if depths.is_empty() {
            depths.push(0);
        }
        depths.push(0);
        self.nodes.set(self.nodes.get().saturating_add(1));
        Handle { id, slot: depths.len() - 1 }
    }

    fn place(&self, parent_depth: usize, child: &NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(child) = child {
            let depth = parent_depth + 1;
            if let Some(slot) = self.depths.borrow_mut().get_mut(child.slot) {
                *slot = depth;
            }
            self.deepest.set(self.deepest.get().max(depth));
        }
    }

    fn depth(&self, handle: &Handle) -> usize {
        self.depths.borrow().get(handle.slot).copied().unwrap_or(0)
    }
}

fn too_deep() -> Rejection {
    Rejection::new(ProblemCode::TooDeep, format!("elements are nested more than {MAX_DEPTH} deep"))
}

fn plain(child: NodeOrText<Handle>) -> NodeOrText<NodeId> {
    match child {
        NodeOrText::AppendNode(handle) => NodeOrText::AppendNode(handle.id),
        NodeOrText::AppendText(text) => NodeOrText::AppendText(text),
    }
}

impl TreeSink for Guard {
    type Handle = Handle;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { id: self.document.get_document(), slot: 0 }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> Ref<'a, QualName> {
        self.document.elem_name(&target.id)
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Handle {
        self.handle(self.document.create_element(name, attributes, flags))
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.handle(self.document.create_comment(text))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.handle(self.document.create_pi(target, data))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.place(self.depth(parent), &child);
        self.document.append(&parent.id, plain(child));
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        self.place(self.depth(previous).max(self.depth(element)), &child);
        self.document.append_based_on_parent_node(&element.id, &previous.id, plain(child));
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.document.append_doctype_to_document(name, public, system);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        Handle { id: self.document.get_template_contents(&target.id), slot: target.slot }
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.id == y.id
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.document.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        self.place(self.depth(sibling).saturating_sub(1), &child);
        self.document.append_before_sibling(&sibling.id, plain(child));
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        self.document.add_attrs_if_missing(&target.id, attributes);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.document.remove_from_parent(&target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.document.reparent_children(&node.id, &new_parent.id);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle) -> bool {
        self.document.is_mathml_annotation_xml_integration_point(&handle.id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn code(html: &str) -> &'static str {
        parse(html).err().map_or("fine", |rejection| rejection.code)
    }

    #[test]
    fn unclosed_paragraphs_cells_and_items_nest_no_deeper() {
        for tag in ["<p>文", "<li>文", "<tr><td>文", "<td>文", "<dd>文", "<option>文"] {
            assert_eq!(code(&format!("<table>{}", tag.repeat(5000))), "fine", "{tag}");
            assert_eq!(code(&tag.repeat(5000)), "fine", "{tag}");
        }
        let cells = "<tr><td><p><font color=red><b>文".repeat(5000);
        assert_eq!(code(&format!("<table>{cells}")), "fine");
        assert_eq!(code(&"<p><font color=red>文".repeat(5000)), "fine");
    }

    #[test]
    fn deep_nesting_is_refused() {
        for tag in ["<div>", "<ul><li>", "<table><tr><td>", "<b>", "<font>", "<span>", "<a><div>"] {
            assert_eq!(code(&tag.repeat(100_000)), "too-deep", "{tag}");
        }
        let re_opened: String = (0..100_000).map(|i| format!("<p><font size={i}>文</p>")).collect();
        assert_eq!(code(&re_opened), "too-deep");
        assert_eq!(code(&"<div>".repeat(500)), "fine");
    }

    #[test]
    fn formatting_that_is_re_opened_for_ever_is_refused() {
        let open: String = (0..400).map(|i| format!("<font size={i}>")).collect();
        let html = format!("<p>{open}</p>{}", "<p>文</p>".repeat(100_000));
        assert_eq!(code(&html), "too-large");
    }

    #[test]
    fn a_tag_of_countless_attributes_is_refused() {
        let many: String = (0..200_000).map(|i| format!(" a{i}=1")).collect();
        assert_eq!(code(&format!("<p{many}>文")), "too-large");
        let joined: String = (0..200_000).map(|i| format!("a{i}=\"1\"")).collect();
        assert_eq!(code(&format!("<p {joined}>文")), "too-large");
        let script = format!("<script>if (a<b {}) x()</script><p>文", "c ".repeat(5000));
        assert_eq!(code(&script), "fine");
    }

    #[test]
    fn a_character_on_the_edge_of_a_piece_survives() {
        let text = "商".repeat(5000);
        let doc = parse(&format!("<p>x{text}</p>")).unwrap();
        assert_eq!(doc.select("p").text().chars().count(), 5001);
    }

    #[test]
    fn what_passes_is_walked_and_dropped_on_a_small_stack() {
        let html = format!("{}文", "<div>".repeat(505));
        let walk = move || {
            let doc = parse(&html).unwrap();
            assert!(super::super::visible_text(&doc.root()).contains('文'));
        };
        std::thread::Builder::new().stack_size(128 * 1024).spawn(walk).unwrap().join().unwrap();
    }
}
