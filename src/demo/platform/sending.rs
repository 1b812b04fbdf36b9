//! What leaves the box: previews, publishing, mass messages.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::draft::known;
use super::state::{Mass, Outcome, Publishing, Refused, Sending, State, done};

/// A client's own name of a message is remembered so long.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// Attempts under one name are so far apart.
const APART: TimeDelta = TimeDelta::seconds(60);
/// A client's own name is not longer (bytes).
const NAME: usize = 64;

/// `message/mass/preview`.
pub(super) fn preview(state: &State, body: &Value) -> Outcome {
    let name = |key: &str| body.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
    if name("towxname").or_else(|| name("touser")).is_none() {
        return Err(Refused::new(40003, "invalid openid"));
    }
    known(state, body.get("mpnews").unwrap_or(&Value::Null))?;
    done()
}

/// `freepublish/submit`.
pub(super) fn submit(state: &mut State, body: &Value) -> Outcome {
    let media_id = known(state, body)?;
    let number = 100_000_000 + state.number();
    let states = state.script.clone();
    state.publishing.insert(number.to_string(), Publishing { media_id, states });
    let id = if state.publish_id_is_number { json!(number) } else { json!(number.to_string()) };
    let data = state.number().to_string();
    Ok(json!({ "errcode": 0, "errmsg": "ok", "publish_id": id, "msg_data_id": data }))
}

/// `freepublish/get`: the next state of the script. With the state 0 the draft leaves the box.
pub(super) fn published(state: &mut State, body: &Value, base: &str) -> Outcome {
    let id = match body.get("publish_id") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let publishing = state.publishing.get_mut(&id);
    let publishing = publishing.ok_or_else(|| Refused::new(53600, "invalid publish_id"))?;
    let status = match publishing.states.as_slice() {
        [] => 0,
        [last] => *last,
        [_, ..] => publishing.states.remove(0),
    };
    let media_id = publishing.media_id.clone();
    if status == 0
        && let Some(draft) = state.drafts.remove(&media_id)
    {
        state.sent.push(Sending { draft, to_all: false });
    }
    let mut answer = json!({ "publish_id": id, "publish_status": status, "fail_idx": [] });
    let sent = state.sent.iter().find(|sending| sending.draft.media_id == media_id);
    match (status, sent) {
        (0, Some(Sending { draft, .. })) => {
            let url = |n: usize| format!("{base}draft/{}/{n}", draft.media_id);
            let articles: Vec<Value> = (1..=draft.articles.len())
                .map(|n| json!({ "idx": n, "article_url": url(n) }))
                .collect();
            answer["article_id"] = media_id.into();
            answer["article_detail"] = json!({ "count": articles.len(), "item": articles });
        }
        (2 | 4, _) => answer["fail_idx"] = json!([1]),
        _ => {}
    }
    Ok(answer)
}

/// `message/mass/sendall`.
pub(super) fn send_all(state: &mut State, body: &Value) -> Outcome {
    let now = state.now;
    let name = body.get("clientmsgid").and_then(Value::as_str).unwrap_or_default().to_owned();
    if name.len() > NAME {
        return Err(Refused::new(45067, "clientmsgid size out of limit"));
    }
    state.masses.retain(|_, mass| now - mass.at < REMEMBERED);
    if let Some(mass) = state.masses.get(&name) {
        if now - mass.at < APART {
            return Err(Refused::new(45066, "same clientmsgid retry too fast"));
        }
        let mut refused = Refused::new(45065, "clientmsgid exist");
        refused.more = json!({ "msg_id": mass.msg_id });
        return Err(refused);
    }
    let media_id = known(state, body.get("mpnews").unwrap_or(&Value::Null))?;
    let msg_id = 3_147_483_648 + i64::try_from(state.number()).unwrap_or(0);
    if let Some(draft) = state.drafts.remove(&media_id) {
        state.sent.push(Sending { draft, to_all: true });
    }
    if !name.is_empty() {
        state.masses.insert(name, Mass { msg_id, at: now });
    }
    let data = state.number();
    Ok(
        json!({ "errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id, "msg_data_id": data }),
    )
}
