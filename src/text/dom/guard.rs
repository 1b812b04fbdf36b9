//! The parser with a limit on depth, on nodes and on attributes.
//!
//! The tree builder is quadratic in nesting depth and in the attributes of one tag, and re-opens
//! unclosed formatting elements in every later block. So the depth that is really reached, implied
//! end tags and re-opened elements included, is looked at after every tag.

mod gathered;
mod tokens;

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use dom_query::{Document, NodeId};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, QualName};
use html5gum::Tokenizer;

use self::tokens::Tokens;
use super::MAX_DEPTH;
use crate::model::{ProblemCode, Rejection};

/// Four times what the largest real pages have.
const MAX_NODES: u32 = 200_000;

/// Parses within the limits.
pub(super) fn parse(html: &str) -> Result<Document, Rejection> {
    let html = html.strip_prefix('\u{feff}').unwrap_or(html);
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let builder = TreeBuilder::new(Guard::default(), options);
    // The first thing to come out, if any, is the end of it.
    if let Some(Ok(refused)) = Tokenizer::new_with_emitter(html, Tokens::new(html, &builder)).next()
    {
        return Err(refused);
    }
    let guard = builder.sink;
    guard.check()?;
    guard.check_tree()?;
    Ok(guard.document)
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
                format!("the page has more than {MAX_NODES} elements"),
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

fn plain(child: NodeOrText<Handle>) -> NodeOrText<NodeId> {
    match child {
        NodeOrText::AppendNode(handle) => NodeOrText::AppendNode(handle.id),
        NodeOrText::AppendText(text) => NodeOrText::AppendText(text),
    }
}

fn too_deep() -> Rejection {
    Rejection::new(ProblemCode::TooDeep, format!("elements are nested more than {MAX_DEPTH} deep"))
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
    use super::{Guard, TreeBuilderOpts};
    use html5ever::tendril::TendrilSink as _;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

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
    fn attributes_are_counted_wherever_the_parser_meets_them() {
        let many: String = (0..100_000).map(|i| format!(" a{i}=1")).collect();
        for around in ["<svg><title>", "<textarea><!-- </textarea>", "<!--><script>x</script>"] {
            assert_eq!(code(&format!("{around}<p{many}>文")), "too-large", "{around}");
        }
        // Here it never does: text of a script, a comment.
        for around in ["<svg><script><!--", "<svg><style><!-- --></style><script><!--", "<script>"]
        {
            assert_eq!(code(&format!("<p>文{around}<p{many}>文")), "fine", "{around}");
        }
    }

    #[test]
    fn scripts_and_styles_are_in_the_tree_as_they_are() {
        let script = format!("if (a<b) document.write('<p>不是</p>'); {}", "x();\n".repeat(20));
        let style = format!("p > a {{ color: red }} {}", "/* 样式 */".repeat(20));
        let html = format!(
            "<!-- <script>{script}--></script> --><script type=a>{script}</script><p>甲<style>{style}</STYLE\
             ><SCRIPT>{script}</Script >乙<textarea><script>{script}</script></textarea><script>短</script>\
             <script><!-- {script} <script> </script> --></script>丙<script>{script}"
        );
        let doc = parse(&html).unwrap();
        let texts = |name: &str| -> Vec<String> {
            doc.select(name).nodes().iter().map(|node| node.text().to_string()).collect()
        };
        let escaped = format!("<!-- {script} <script> </script> -->");
        assert_eq!(texts("script"), [&script, &script, "短", &escaped, &script]);
        assert_eq!(texts("style"), [style]);
        assert_eq!(super::super::visible_text(&doc.root()), "-->\n甲乙丙");
        assert!(texts("textarea")[0].starts_with("<script>if (a<b)"));
    }

    #[test]
    fn a_character_after_half_a_tag_survives() {
        for html in
            ["</商>文", "<!商>文", "<?商>文", "<p 商=会>文", "<p a=商>文", "&商;文", "<商>文"]
        {
            let doc = parse(html).unwrap();
            assert_eq!(doc.html().to_string(), html5ever_tree(html), "{html}");
            assert!(doc.text().ends_with('文'), "{html}");
        }
    }

    /// The same page by html5ever's own tokenizer.
    fn html5ever_tree(html: &str) -> String {
        let tree_builder =
            TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
        let options = html5ever::ParseOpts { tree_builder, ..html5ever::ParseOpts::default() };
        html5ever::parse_document(Guard::default(), options).one(html).document.html().to_string()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn the_tree_is_that_of_the_other_tokenizer(parts in vec(select(PARTS), 0..40)) {
            let html = parts.concat();
            prop_assume!(!html.trim_start_matches('\u{feff}').trim().is_empty());
            prop_assert_eq!(parse(&html).unwrap().html().to_string(), html5ever_tree(&html));
        }
    }

    /// What makes tokenizers err: every state can be entered, and left in the middle.
    const PARTS: &[&str] = &[
        "<",
        ">",
        "/",
        "!",
        "-",
        "--",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\0",
        "a",
        "商会",
        "会",
        "&",
        ";",
        "#",
        "&amp;",
        "&nbsp",
        "&#20225;",
        "&#x4f01",
        "&#0;",
        "&#x110000;",
        "&notit;",
        "&hellip;",
        "&lt",
        "<p>",
        "</p>",
        "<P CLASS=甲 class='乙'>",
        "<p a=b/>",
        "<br/>",
        "<a href=\"x?a=1&copy=2&amp;b\">",
        "</a>",
        "<b>",
        "</b>",
        "<i 商=会>",
        "</i>",
        "<table>",
        "<tr><td>",
        "</table>",
        "<!-- ",
        "-->",
        "--!>",
        "<!--",
        "<!-->",
        "<!--->",
        "<!",
        "<?php ",
        "</",
        "</ ",
        "</br x=1>",
        "<script>",
        "<script type='a'>",
        "</script>",
        "</SCRIPT >",
        "</script",
        "<!--<script>",
        "<style>",
        "</style>",
        "<title>",
        "</title>",
        "<textarea>\n",
        "</textarea>",
        "<pre>\n",
        "</pre>",
        "<plaintext>",
        "<xmp>",
        "</xmp>",
        "<iframe>",
        "</iframe>",
        "<noscript>",
        "</noscript>",
        "<svg>",
        "</svg>",
        "<![CDATA[",
        "]]>",
        "]]",
        "<math><mi>",
        "<foreignObject>",
        "<!DOCTYPE html>",
        "<!doctype ",
        "PUBLIC \"-//W3C//DTD\" 'x'",
        "SYSTEM",
        "<template>",
        "</template>",
        "<select><option>",
        "</select>",
        "<body bgcolor=1>",
        "<html lang=zh>",
        "<frameset>",
        "<meta charset=gbk>",
        "<input type=hidden>",
        "<form>",
        "</form>",
        "<nobr>",
        "<image>",
        "\u{85}",
    ];

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
