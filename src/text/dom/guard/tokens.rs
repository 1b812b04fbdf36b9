//! From html5gum's events to html5ever's tree builder: the tokens of a page, in page order.
//!
//! html5gum reads a page several times faster than html5ever's own tokenizer; which tree comes out
//! of it is still html5ever's doing.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{Attribute, QualName, ns};
use html5gum::{Emitter, Error, State};

use super::gathered::{Gathered, Page};
use super::{Guard, Handle};
use crate::model::{ProblemCode, Rejection};

/// The parser compares each attribute of a tag with all before it.
const MAX_ATTRIBUTES: usize = 2048;

/// What is being read at the moment. Hands its tokens to the tree builder, and the first limit that
/// is passed to the reader.
pub(super) struct Tokens<'a> {
    builder: &'a TreeBuilder<Handle, Guard>,
    page: Page<'a>,
    text: Gathered,
    comment: Gathered,
    doctype: DoctypeBytes,
    tag: TagBytes,
    /// The name of the start tag that came last: only its end tag ends raw text.
    last_start: Vec<u8>,
    refused: Option<Rejection>,
}

#[derive(Default)]
struct TagBytes {
    is_end: bool,
    self_closing: bool,
    name: Vec<u8>,
    attributes: Vec<Attribute>,
    had_duplicate: bool,
    /// The attribute under way, once it has begun.
    has_attribute: bool,
    attribute_name: Vec<u8>,
    attribute_value: Gathered,
}

#[derive(Default)]
struct DoctypeBytes {
    name: Gathered,
    public: Option<Gathered>,
    system: Option<Gathered>,
    force_quirks: bool,
}

impl<'a> Tokens<'a> {
    /// For the tokens of the page `html`.
    pub(super) fn new(html: &'a str, builder: &'a TreeBuilder<Handle, Guard>) -> Self {
        Self {
            builder,
            page: Page::new(html),
            text: Gathered::default(),
            comment: Gathered::default(),
            doctype: DoctypeBytes::default(),
            tag: TagBytes::default(),
            last_start: Vec::new(),
            refused: None,
        }
    }

    fn send(&mut self, token: Token) -> Option<State> {
        // Nobody looks at line numbers.
        let result = self.builder.process_token(token, 1);
        if self.refused.is_none() {
            self.refused = self.builder.sink.check().err();
        }
        match result {
            TokenSinkResult::RawData(RawKind::Rcdata) => Some(State::RcData),
            TokenSinkResult::RawData(RawKind::Rawtext) => Some(State::RawText),
            TokenSinkResult::RawData(_) => Some(State::ScriptData),
            TokenSinkResult::Plaintext => Some(State::PlainText),
            _ => None,
        }
    }

    /// Sends the text gathered so far; U+0000 is a token of its own.
    fn send_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let mut text = self.text.take(&self.page);
        while let Some(end) = text.find('\0') {
            let end = u32::try_from(end).unwrap_or(u32::MAX);
            self.send_characters(text.subtendril(0, end));
            self.send(Token::NullCharacterToken);
            text.pop_front(end + 1);
        }
        self.send_characters(text);
    }

    fn send_characters(&mut self, text: StrTendril) {
        if !text.is_empty() {
            self.send(Token::CharacterTokens(text));
        }
    }

    /// Keeps the attribute under way; the first of a name counts.
    fn end_attribute(&mut self) {
        let tag = &mut self.tag;
        if !std::mem::take(&mut tag.has_attribute) {
            return;
        }
        let name = self.page.name(&tag.attribute_name);
        let value = tag.attribute_value.take(&self.page);
        if tag.attributes.iter().any(|other| other.name.local == name) {
            tag.had_duplicate = true;
        } else {
            tag.attributes.push(Attribute { name: QualName::new(None, ns!(), name), value });
        }
    }
}

impl TagBytes {
    fn begin(&mut self, is_end: bool) {
        (self.is_end, self.self_closing, self.had_duplicate) = (is_end, false, false);
        self.name.clear();
        self.attributes.clear();
        self.has_attribute = false;
    }
}

impl Emitter for Tokens<'_> {
    type Token = Rejection;

    fn pop_token(&mut self) -> Option<Rejection> {
        self.refused.take()
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_error(&mut self, _: Error) {}

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start = name.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.send_text();
        self.send(Token::EOFToken);
        self.builder.end();
    }

    fn emit_string(&mut self, text: &[u8]) {
        self.text.push(text, &self.page);
    }

    fn init_start_tag(&mut self) {
        self.tag.begin(false);
    }

    fn init_end_tag(&mut self) {
        self.tag.begin(true);
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag.name.extend_from_slice(name);
    }

    fn set_self_closing(&mut self) {
        self.tag.self_closing = true;
    }

    fn init_attribute(&mut self) {
        self.end_attribute();
        if self.tag.attributes.len() >= MAX_ATTRIBUTES {
            let detail = "one tag has thousands of attributes";
            self.refused = Some(Rejection::new(ProblemCode::TooLarge, detail));
        }
        self.tag.has_attribute = true;
        self.tag.attribute_name.clear();
        self.tag.attribute_value.clear();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.tag.attribute_name.extend_from_slice(name);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.tag.attribute_value.push(value, &self.page);
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.send_text();
        self.end_attribute();
        if !self.tag.is_end {
            self.last_start.clone_from(&self.tag.name);
        }
        let tag = Tag {
            kind: if self.tag.is_end { TagKind::EndTag } else { TagKind::StartTag },
            name: self.page.name(&self.tag.name),
            self_closing: self.tag.self_closing,
            attrs: std::mem::take(&mut self.tag.attributes),
            had_duplicate_attributes: self.tag.had_duplicate,
        };
        self.send(Token::TagToken(tag))
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tag.is_end && !self.last_start.is_empty() && self.tag.name == self.last_start
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.send_text();
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }

    fn init_comment(&mut self) {
        self.comment.clear();
    }

    fn push_comment(&mut self, text: &[u8]) {
        self.comment.push(text, &self.page);
    }

    fn emit_current_comment(&mut self) {
        self.send_text();
        let comment = self.comment.take(&self.page);
        self.send(Token::CommentToken(comment));
    }

    fn init_doctype(&mut self) {
        self.doctype = DoctypeBytes::default();
    }

    fn push_doctype_name(&mut self, name: &[u8]) {
        self.doctype.name.push(name, &self.page);
    }

    fn set_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype.public = Some(Gathered::default());
        self.push_doctype_public_identifier(value);
    }

    fn push_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype.public.get_or_insert_default().push(value, &self.page);
    }

    fn set_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype.system = Some(Gathered::default());
        self.push_doctype_system_identifier(value);
    }

    fn push_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype.system.get_or_insert_default().push(value, &self.page);
    }

    fn set_force_quirks(&mut self) {
        self.doctype.force_quirks = true;
    }

    fn emit_current_doctype(&mut self) {
        self.send_text();
        let DoctypeBytes { mut name, public, system, force_quirks } =
            std::mem::take(&mut self.doctype);
        let name = (!name.is_empty()).then(|| name.take(&self.page));
        let public_id = public.map(|mut public| public.take(&self.page));
        let system_id = system.map(|mut system| system.take(&self.page));
        self.send(Token::DoctypeToken(Doctype { name, public_id, system_id, force_quirks }));
    }
}
