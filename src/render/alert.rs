//! What operators are told of problems: one message as JSON, for the robots of chat groups, as mail.
//!
//! What is told comes from websites in part. A robot's Markdown has no way to quote, so there signs
//! that mean something become their full-width sisters; the other forms quote by themselves.

mod card;
mod feed;
mod mail;
mod markdown;
mod said;

use serde_json::{Value, json};
use url::Url;

use crate::model::{AlertMessage, BEIJING, Lang, Notice, Robot};
use crate::text::sentence;

use super::Names;

pub use feed::problems_feed;
pub use mail::mail;

use said::{LADDER, Measure, place, said};

/// Who tells, and what things are called.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    /// Whose problems these are: the title of the public page, which a keyword of a robot can be.
    pub title: &'a str,
    /// What sites and columns are called.
    pub names: &'a Names,
    /// Where the status page is.
    pub status: &'a Url,
    /// In which language.
    pub lang: Lang,
}

/// 企业微信: bytes of `markdown.content` (developer.work.weixin.qq.com, document 91770).
const WECOM_BYTES: usize = 4096;
/// 钉钉 and 飞书 refuse bodies of more than 20 KB; a signature and more still has to fit.
const BODY_BYTES: usize = 18_000;

/// The body for a robot; that of 飞书 is signed by whoever sends it.
pub fn robot(kind: Robot, message: &AlertMessage, voice: &Voice<'_>) -> Value {
    let said = said(message, voice);
    match kind {
        Robot::Dingtalk => fitting(BODY_BYTES, |measure| {
            let text = markdown::dingtalk(&said, measure);
            let body = json!({
                "msgtype": "markdown",
                "markdown": { "title": markdown::tame(&said.title), "text": text },
            });
            (body.to_string().len(), body)
        }),
        Robot::Wecom => fitting(WECOM_BYTES, |measure| {
            let content = markdown::wecom(&said, measure);
            (content.len(), json!({ "msgtype": "markdown", "markdown": { "content": content } }))
        }),
        Robot::Feishu => fitting(BODY_BYTES, |measure| {
            let body = json!({ "msg_type": "interactive", "card": card::card(&said, measure) });
            (body.to_string().len(), body)
        }),
    }
}

/// The fullest form that has no more than `limit` bytes. The barest fits by its measure.
fn fitting(limit: usize, written: impl Fn(&Measure) -> (usize, Value)) -> Value {
    let mut body = Value::Null;
    for measure in LADDER {
        let (bytes, form) = written(measure);
        body = form;
        if bytes <= limit {
            break;
        }
    }
    body
}

/// The body for a program of the operator's own.
pub fn json(message: &AlertMessage, voice: &Voice<'_>) -> Vec<u8> {
    let said = said(message, voice);
    let list = |notices: &[Notice]| -> Vec<Value> {
        notices.iter().map(|notice| one(notice, voice)).collect()
    };
    let body = json!({
        "type": if message.is_test() { "test" } else { "problems" },
        "id": message.id,
        "alert": message.alert,
        "title": said.title,
        "text": mail::text(&said, &LADDER[0]),
        "status": voice.status,
        "opened": list(&message.opened),
        "healed": list(&message.healed),
    });
    body.to_string().into_bytes()
}

fn one(notice: &Notice, voice: &Voice<'_>) -> Value {
    let sentence = sentence::problem(notice.code, voice.lang);
    let time = |time: chrono::DateTime<chrono::Utc>| time.with_timezone(&BEIJING).to_rfc3339();
    let mut value = json!({
        "code": notice.code.as_str(),
        "subject": notice.subject,
        "name": place(&notice.subject, voice),
        "what": sentence.what,
        "hint": sentence.hint,
        "detail": notice.detail,
        "since": time(notice.since),
    });
    if let Some(healed) = notice.healed {
        value["healed"] = time(healed).into();
    }
    value
}

#[cfg(test)]
mod tests;
