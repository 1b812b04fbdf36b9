//! From html5gum's events to html5ever's tree builder: the tokens of a page, in page order.
//!
//! html5gum reads a page several times faster than html5ever's own tokenizer; which tree comes out
//! of it is still html5ever's doing. Names and values are gathered byte by byte, since an event may
//! end within a character.

use std::str;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{Attribute, LocalName, QualName, ns};
use html5gum::{Emitter, Error, State};

use super::{Guard, Handle};
use crate::model::{ProblemCode, Rejection};

/// The parser compares each attribute of a tag with all before it.
const MAX_ATTRIBUTES: usize = 2048;

/// What is being read at the moment. Hands its tokens to the tree builder, and the first limit that
/// is passed to the reader.
pub(super) struct Tokens<'a> {
    builder: &'a TreeBuilder<Handle, Guard>,
    text: Vec<u8>,
    comment: Vec<u8>,
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
    attribute_value: Vec<u8>,
}

#[derive(Default)]
struct DoctypeBytes {
    name: Vec<u8>,
    public: Option<Vec<u8>>,
    system: Option<Vec<u8>>,
    force_quirks: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(builder: &'a TreeBuilder<Handle, Guard>) -> Self {
        Self {
            builder,
            text: Vec::new(),
            comment: Vec::new(),
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
        let text = std::mem::take(&mut self.text);
        for (number, part) in text.split(|byte| *byte == 0).enumerate() {
            if number > 0 {
                self.send(Token::NullCharacterToken);
            }
            if !part.is_empty() {
                self.send(Token::CharacterTokens(tendril(part)));
            }
        }
        self.text = text;
        self.text.clear();
    }
}

impl TagBytes {
    fn begin(&mut self, is_end: bool) {
        (self.is_end, self.self_closing, self.had_duplicate) = (is_end, false, false);
        self.name.clear();
        self.attributes.clear();
        self.has_attribute = false;
    }

    /// Keeps the attribute under way; the first of a name counts.
    fn end_attribute(&mut self) {
        if !std::mem::take(&mut self.has_attribute) {
            return;
        }
        let name = local_name(&self.attribute_name);
        if self.attributes.iter().any(|other| other.name.local == name) {
            self.had_duplicate = true;
        } else {
            let name = QualName::new(None, ns!(), name);
            self.attributes.push(Attribute { name, value: tendril(&self.attribute_value) });
        }
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
        self.text.extend_from_slice(text);
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
        self.tag.end_attribute();
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
        self.tag.attribute_value.extend_from_slice(value);
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.send_text();
        self.tag.end_attribute();
        if !self.tag.is_end {
            self.last_start.clone_from(&self.tag.name);
        }
        let tag = Tag {
            kind: if self.tag.is_end { TagKind::EndTag } else { TagKind::StartTag },
            name: local_name(&self.tag.name),
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
        self.comment.extend_from_slice(text);
    }

    fn emit_current_comment(&mut self) {
        self.send_text();
        let comment = tendril(&self.comment);
        self.send(Token::CommentToken(comment));
    }

    fn init_doctype(&mut self) {
        self.doctype = DoctypeBytes::default();
    }

    fn push_doctype_name(&mut self, name: &[u8]) {
        self.doctype.name.extend_from_slice(name);
    }

    fn set_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype.public = Some(value.to_vec());
    }

    fn push_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype.public.get_or_insert_default().extend_from_slice(value);
    }

    fn set_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype.system = Some(value.to_vec());
    }

    fn push_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype.system.get_or_insert_default().extend_from_slice(value);
    }

    fn set_force_quirks(&mut self) {
        self.doctype.force_quirks = true;
    }

    fn emit_current_doctype(&mut self) {
        self.send_text();
        let DoctypeBytes { name, public, system, force_quirks } = std::mem::take(&mut self.doctype);
        self.send(Token::DoctypeToken(Doctype {
            name: Some(name).filter(|name| !name.is_empty()).map(|name| tendril(&name)),
            public_id: public.map(|public| tendril(&public)),
            system_id: system.map(|system| tendril(&system)),
            force_quirks,
        }));
    }
}

/// The page is text and split at ASCII only: what is gathered is text as well.
fn tendril(bytes: &[u8]) -> StrTendril {
    match str::from_utf8(bytes) {
        Ok(text) => StrTendril::from_slice(text),
        Err(_) => StrTendril::from_slice(&String::from_utf8_lossy(bytes)),
    }
}

fn local_name(bytes: &[u8]) -> LocalName {
    match str::from_utf8(bytes) {
        Ok(name) => LocalName::from(name),
        Err(_) => LocalName::from(&*String::from_utf8_lossy(bytes)),
    }
}
