//! Drafts: one call of the platform each. What keeps them from being doubled or overwritten is in
//! `creation`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::DraftArticle;

use super::again::Again;
use super::answer::{Reply, name, number};
use super::call::{Payload, Request};
use super::error::Refusal;
use super::{Platform, WechatError};

/// Drafts are listed by so many at once.
pub(super) const PAGE: usize = 20;

const ADD: &str = "draft/add";
const GET: &str = "draft/get";
const BATCH: &str = "draft/batchget";
const COUNT: &str = "draft/count";

/// The platform's name of a draft or of permanent material.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaId(String);

impl MediaId {
    /// The name `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MediaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A draft as the platform keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDraft {
    /// Its name.
    pub media_id: MediaId,
    /// Its articles, in order.
    pub articles: Vec<StoredArticle>,
    /// When it was last written, by anybody, in seconds since 1970.
    pub update_time: i64,
}

/// An article of a draft as the platform keeps it: its HTML has been through the platform's filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StoredArticle {
    /// Its title.
    pub title: String,
    /// Who signs it.
    pub author: String,
    /// Its summary; the platform's own where none was given.
    pub digest: String,
    /// Its HTML; empty in lists without content.
    pub content: String,
    /// 阅读原文.
    pub content_source_url: String,
    /// Its cover.
    pub thumb_media_id: String,
    /// A temporary address where it can be looked at.
    pub url: String,
}

/// Part of the list of drafts, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftPage {
    /// How many there are altogether.
    pub total: usize,
    /// Those asked for.
    pub drafts: Vec<StoredDraft>,
}

impl Platform {
    /// Makes a draft: once, whatever the answer. [`Self::create_draft`] is what callers want.
    pub async fn add_draft(&self, articles: &[DraftArticle]) -> Result<MediaId, WechatError> {
        let body = json!({ "articles": articles });
        let reply = self.ask(&Request::post(ADD, &body, Again::Never)).await?;
        let id = reply.get("media_id").and_then(name);
        id.map(MediaId::new).ok_or(WechatError::Lacking { call: ADD, wanted: "media_id" })
    }

    /// Replaces the article at `index`, whoever wrote what stands there.
    /// [`Self::bring_up_to_date`] looks first.
    pub async fn update_draft(
        &self,
        media_id: &MediaId,
        index: usize,
        article: &DraftArticle,
    ) -> Result<(), WechatError> {
        let body = json!({ "media_id": media_id, "index": index, "articles": article });
        let request = Request::post("draft/update", &body, Again::Always);
        self.ask(&request).await.map(drop).map_err(|error| gone(error, media_id))
    }

    /// One draft. [`WechatError::Gone`] where the box does not hold it.
    pub async fn draft(&self, media_id: &MediaId) -> Result<StoredDraft, WechatError> {
        let body = json!({ "media_id": media_id });
        let reply = self.ask(&Request::post(GET, &body, Again::Always)).await;
        let reply = reply.map_err(|error| gone(error, media_id))?;
        let lacking = |wanted| WechatError::Lacking { call: GET, wanted };
        Ok(StoredDraft {
            media_id: media_id.clone(),
            articles: articles(&reply).ok_or_else(|| lacking("news_item"))?,
            update_time: time(&reply).ok_or_else(|| lacking("update_time"))?,
        })
    }

    /// At most `count` drafts (20 at once) from `offset`, newest first.
    pub async fn drafts(
        &self,
        offset: usize,
        count: usize,
        no_content: bool,
    ) -> Result<DraftPage, WechatError> {
        let count = count.clamp(1, PAGE);
        let no_content = u8::from(no_content);
        let body = json!({ "offset": offset, "count": count, "no_content": no_content });
        let reply = self.ask(&Request::post(BATCH, &body, Again::Always)).await?;
        page(&reply)
    }

    /// How many drafts there are.
    pub async fn draft_count(&self) -> Result<usize, WechatError> {
        let request = Request {
            call: COUNT,
            parameter: None,
            payload: Payload::Nothing,
            again: Again::Always,
        };
        total(&self.ask(&request).await?, COUNT)
    }

    /// Removes a draft for good.
    pub async fn delete_draft(&self, media_id: &MediaId) -> Result<(), WechatError> {
        let body = json!({ "media_id": media_id });
        let request = Request::post("draft/delete", &body, Again::Always);
        self.ask(&request).await.map(drop).map_err(|error| gone(error, media_id))
    }
}

/// A name that the box does not know was there once.
fn gone(error: WechatError, media_id: &MediaId) -> WechatError {
    match error.refusal() {
        // `draft/update` says the same of a cover, and names it.
        Some(Refusal::Media) if error.told().is_none_or(|told| !told.message.contains("thumb")) => {
            WechatError::Gone { media_id: media_id.clone() }
        }
        _ => error,
    }
}

fn page(reply: &Reply) -> Result<DraftPage, WechatError> {
    let lacking = |wanted| WechatError::Lacking { call: BATCH, wanted };
    let items = match reply.get("item") {
        Some(Value::Array(items)) => items.as_slice(),
        None => &[],
        Some(_) => return Err(lacking("item")),
    };
    let draft = |item: &Value| {
        let content = item.get("content")?.as_object()?;
        Some(StoredDraft {
            media_id: MediaId::new(item.get("media_id").and_then(name)?),
            articles: articles(content)?,
            update_time: time(item.as_object()?).or_else(|| time(content))?,
        })
    };
    let drafts: Option<Vec<StoredDraft>> = items.iter().map(draft).collect();
    Ok(DraftPage { total: total(reply, BATCH)?, drafts: drafts.ok_or_else(|| lacking("item"))? })
}

fn total(reply: &Reply, call: &'static str) -> Result<usize, WechatError> {
    let total = reply.get("total_count").and_then(number);
    total
        .and_then(|total| usize::try_from(total).ok())
        .ok_or(WechatError::Lacking { call, wanted: "total_count" })
}

fn articles(reply: &Reply) -> Option<Vec<StoredArticle>> {
    let items = reply.get("news_item")?.as_array()?;
    // A field that is no text (the platform writes null at times) is taken for an empty one.
    let article = |item: &Value| {
        let fields = item.as_object()?.iter().filter(|(_, value)| value.is_string());
        let fields: Reply = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
        serde_json::from_value(Value::Object(fields)).ok()
    };
    items.iter().map(article).collect()
}

fn time(reply: &Reply) -> Option<i64> {
    reply.get("update_time").and_then(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(value: Value) -> Reply {
        let Value::Object(reply) = value else { panic!("{value} is no object") };
        reply
    }

    #[test]
    fn lists_are_read_as_the_platform_writes_them() {
        let found = page(&reply(json!({
            "total_count": "21", "item_count": 1,
            "item": [{ "media_id": "a", "update_time": 7,
                "content": { "news_item": [{ "title": "一", "digest": null, "need_open_comment": 0 }],
                    "create_time": 1, "update_time": 6 } }]
        })));
        let found = found.unwrap();
        assert_eq!((found.total, found.drafts[0].update_time), (21, 7));
        assert_eq!(found.drafts[0].articles[0].title, "一");
        assert_eq!(found.drafts[0].articles[0].digest, "");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_not_taken_for_an_empty_one() {
        for broken in [
            json!({ "total_count": 1, "item": [{ "media_id": "a" }] }),
            json!({ "total_count": 1, "item": {} }),
            json!({ "item": [] }),
        ] {
            assert!(page(&reply(broken.clone())).is_err(), "{broken}");
        }
    }
}
