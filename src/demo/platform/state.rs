//! What the platform keeps.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::check::Strictness;
use super::fault::Planned;
use super::token::Tokens;

/// A call that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformRequest {
    /// What stood behind `/cgi-bin/`.
    pub call: String,
    /// Its body where that is text, else what was uploaded: `3fa8.jpg image/jpeg 51234`.
    pub body: String,
    /// `errcode` of the answer; 0 where it went well.
    pub errcode: i64,
}

/// An article of a draft, after the filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FakeArticle {
    /// Its title.
    pub title: String,
    /// Who signs it.
    pub author: String,
    /// Its summary.
    pub digest: String,
    /// What the filter left of its HTML.
    pub content: String,
    /// 阅读原文.
    pub content_source_url: String,
    /// Its cover.
    pub thumb_media_id: String,
    /// The crops that it came with: at the head of a conversation, and square.
    pub crops: [String; 2],
    /// 0 or 1.
    pub need_open_comment: i64,
    /// 0 or 1.
    pub only_fans_can_comment: i64,
}

/// A draft in the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FakeDraft {
    /// Its name.
    pub media_id: String,
    /// Its articles.
    pub articles: Vec<FakeArticle>,
    /// Seconds since 1970.
    pub create_time: i64,
    /// Seconds since 1970: when anybody wrote it last.
    pub update_time: i64,
}

/// A picture that was uploaded.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// Its bytes.
    pub(super) bytes: Bytes,
    /// Its media type.
    pub(super) media_type: &'static str,
}

/// A draft that went out.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    /// The draft as it was.
    pub(super) draft: FakeDraft,
    /// True for a mass message.
    pub(super) to_all: bool,
}

/// A publishing under way.
#[derive(Clone, Debug)]
pub(super) struct Publishing {
    pub(super) media_id: String,
    /// What is said of it next, and after that.
    pub(super) states: Vec<i64>,
}

/// A mass message, by the client's own name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mass {
    pub(super) msg_id: i64,
    pub(super) at: DateTime<Utc>,
}

/// Everything the platform knows.
pub(super) struct State {
    pub(super) now: DateTime<Utc>,
    /// How much its clock is ahead of the one it was given.
    pub(super) ahead: TimeDelta,
    pub(super) strictness: Strictness,
    pub(super) planned: Planned,
    /// The address that calls come from, where it is not on the whitelist.
    pub(super) unlisted: Option<IpAddr>,
    pub(super) tokens: Tokens,
    /// By path at the picture host.
    pub(super) pictures: BTreeMap<String, Picture>,
    /// Permanent material: the path of its picture.
    pub(super) material: BTreeMap<String, String>,
    pub(super) drafts: BTreeMap<String, FakeDraft>,
    pub(super) sent: Vec<Sending>,
    pub(super) publishing: BTreeMap<String, Publishing>,
    pub(super) script: Vec<i64>,
    pub(super) publish_id_is_number: bool,
    pub(super) masses: BTreeMap<String, Mass>,
    pub(super) seen: Vec<PlatformRequest>,
    counter: u64,
}

impl State {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            ahead: TimeDelta::zero(),
            strictness: Strictness::default(),
            planned: Planned::default(),
            unlisted: None,
            tokens: Tokens::default(),
            pictures: BTreeMap::new(),
            material: BTreeMap::new(),
            drafts: BTreeMap::new(),
            sent: Vec::new(),
            publishing: BTreeMap::new(),
            script: vec![1, 1, 0],
            publish_id_is_number: false,
            masses: BTreeMap::new(),
            seen: Vec::new(),
            counter: 0,
        }
    }

    /// A number that was not given before.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// A name that was not given before, as long as the platform's.
    pub(super) fn name(&mut self) -> String {
        let number = self.number();
        let hash = blake3::hash(&number.to_le_bytes()).to_hex();
        format!("demo_{}_{number}", &hash[..48])
    }

    /// Drafts, the last written first.
    pub(super) fn drafts_by_age(&self) -> impl Iterator<Item = &FakeDraft> {
        let mut drafts: Vec<&FakeDraft> = self.drafts.values().collect();
        drafts.sort_by(|a, b| {
            (b.update_time, b.create_time, &b.media_id).cmp(&(
                a.update_time,
                a.create_time,
                &a.media_id,
            ))
        });
        drafts.into_iter()
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: i64,
    pub(super) message: String,
    /// What stands beside the reason.
    pub(super) more: Value,
}

impl Refused {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), more: json!({}) }
    }
}

/// What a call comes to.
pub(super) type Outcome = Result<Value, Refused>;

/// What calls with nothing to tell answer.
pub(super) fn done() -> Outcome {
    Ok(json!({ "errcode": 0, "errmsg": "ok" }))
}
