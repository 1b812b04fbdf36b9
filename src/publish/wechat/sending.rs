//! What leaves the draft box: a look on a reviewer's phone, publishing, a mass message.

use serde_json::{Value, json};
use url::Url;

use super::again::Again;
use super::answer::{Reply, name, number};
use super::call::Request;
use super::draft::MediaId;
use super::{Platform, WechatError};

const SUBMIT: &str = "freepublish/submit";
const PUBLISHED: &str = "freepublish/get";
const SEND_ALL: &str = "message/mass/sendall";

/// How publishing goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// How far it is.
    pub state: PublishState,
    /// Where its articles stand, in order; empty before it is done.
    pub articles: Vec<Url>,
    /// Which articles stopped it, counted from 1.
    pub failed: Vec<u32>,
}

/// How far publishing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishState {
    /// 0: it is public.
    Done,
    /// 1: the platform is at it.
    Running,
    /// 2: the claim that it is original (原创) failed.
    OriginalRefused,
    /// 3: it failed; so it always ends for test accounts.
    Failed,
    /// 4: the platform's review refused it.
    Refused,
    /// 5: somebody deleted all of it.
    Deleted,
    /// 6: the platform banned all of it.
    Banned,
}

/// A mass message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The platform's name of the message.
    pub msg_id: String,
}

impl Platform {
    /// Shows a draft on the phone of one person, `wechat_name` being the WeChat ID: a hundred times a
    /// day at most, verified accounts only.
    pub async fn preview(&self, media_id: &MediaId, wechat_name: &str) -> Result<(), WechatError> {
        let body = json!({
            "towxname": wechat_name, "mpnews": { "media_id": media_id }, "msgtype": "mpnews",
        });
        let request = Request::post("message/mass/preview", &body, Again::WhenBusy);
        self.ask(&request).await.map(drop)
    }

    /// Publishes a draft: nobody is notified, and it leaves the box. The result is the name by which
    /// [`Self::published`] tells how it goes on.
    pub async fn submit(&self, media_id: &MediaId) -> Result<String, WechatError> {
        let request = Request::post(SUBMIT, &json!({ "media_id": media_id }), Again::WhenBusy);
        let reply = self.ask(&request).await?;
        let id = reply.get("publish_id").and_then(name);
        id.ok_or(WechatError::Lacking { call: SUBMIT, wanted: "publish_id" })
    }

    /// How the publishing `publish_id` goes on.
    pub async fn published(&self, publish_id: &str) -> Result<Publication, WechatError> {
        let body = json!({ "publish_id": publish_id });
        let reply = self.ask(&Request::post(PUBLISHED, &body, Again::Always)).await?;
        publication(&reply)
            .ok_or(WechatError::Lacking { call: PUBLISHED, wanted: "publish_status" })
    }

    /// Sends a draft to all followers; it leaves the box. `client_id` (at most 64 bytes, for instance
    /// account and issue) keeps it from being sent twice within a day: where the platform knows it, the
    /// message that was sent under it is the result. Attempts are a minute apart.
    pub async fn send_all(&self, media_id: &MediaId, client_id: &str) -> Result<Sent, WechatError> {
        let body = json!({
            "filter": { "is_to_all": true },
            "mpnews": { "media_id": media_id },
            "msgtype": "mpnews",
            "send_ignore_reprint": 0,
            "clientmsgid": client_id,
        });
        let reply = self.ask(&Request::post(SEND_ALL, &body, Again::AfterAMinute)).await?;
        let msg_id = reply.get("msg_id").and_then(name);
        let msg_id = msg_id.ok_or(WechatError::Lacking { call: SEND_ALL, wanted: "msg_id" })?;
        Ok(Sent { msg_id })
    }
}

fn publication(reply: &Reply) -> Option<Publication> {
    let state = match reply.get("publish_status").and_then(number)? {
        0 => PublishState::Done,
        1 => PublishState::Running,
        2 => PublishState::OriginalRefused,
        3 => PublishState::Failed,
        4 => PublishState::Refused,
        5 => PublishState::Deleted,
        6 => PublishState::Banned,
        _ => return None,
    };
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let items = list(reply.get("article_detail").and_then(|detail| detail.get("item")));
    let articles = items.iter().filter_map(|item| item.get("article_url")?.as_str()?.parse().ok());
    let failed = list(reply.get("fail_idx"));
    let failed = failed.iter().filter_map(|index| u32::try_from(number(index)?).ok());
    Some(Publication { state, articles: articles.collect(), failed: failed.collect() })
}
