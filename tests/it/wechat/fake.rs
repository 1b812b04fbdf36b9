//! The fake itself, asked in ways that our client never would: it must be as strict as the platform.

use bytes::Bytes;
use chrono::TimeDelta;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use lianbo::demo::{APP_ID, APP_SECRET, Strictness, Titles};
use lianbo::net::{Client, Exchange, NetSettings};
use serde_json::{Value, json};

use super::{Stand, jpeg};

/// What the platform answers to a request with this body, or to a GET.
async fn ask(stand: &Stand, path: &str, media_type: &str, body: Option<Bytes>) -> Value {
    let url = stand.fake.base().join(&format!("cgi-bin/{path}")).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(media_type).unwrap());
    let exchange = Exchange {
        url: &url,
        form: &[],
        body,
        headers,
        timeout: crate::running::DEADLINE,
        max_bytes: 1 << 20,
        allow_private: true,
    };
    let reply = Client::new(NetSettings::default()).exchange(&exchange).await.unwrap();
    assert_eq!(reply.status, 200, "the platform knows no other status");
    serde_json::from_slice(&reply.body).unwrap()
}

async fn post(stand: &Stand, path: &str, body: impl Into<String>) -> Value {
    ask(stand, path, "application/json", Some(body.into().into())).await
}

/// `errcode` of the answer, 0 where it has none.
fn code(answer: &Value) -> i64 {
    answer.get("errcode").map_or(0, |code| code.as_i64().unwrap())
}

async fn stable(stand: &Stand, force: bool) -> Value {
    let body = json!({
        "grant_type": "client_credential", "appid": APP_ID, "secret": APP_SECRET, "force_refresh": force,
    });
    post(stand, "stable_token", body.to_string()).await
}

/// Whether a call with the token is taken, by its `errcode`.
async fn taken(stand: &Stand, token: &Value) -> i64 {
    let path = format!("draft/count?access_token={}", token.as_str().unwrap());
    code(&ask(stand, &path, "text/plain", None).await)
}

#[tokio::test]
async fn a_stable_token_sticks_until_five_minutes_before_its_end() {
    let stand = Stand::start().await;
    let first = stable(&stand, false).await;
    assert_eq!(first["expires_in"], 7200);
    assert!(first.get("errcode").is_none());
    stand.clock.advance(6899);
    let same = stable(&stand, false).await;
    assert_eq!((&same["access_token"], &same["expires_in"]), (&first["access_token"], &json!(301)));
    stand.clock.advance(1);
    let next = stable(&stand, false).await;
    assert_ne!(next["access_token"], first["access_token"]);
    // Both are taken for as long as they overlap.
    assert_eq!(taken(&stand, &first["access_token"]).await, 0);
    stand.clock.advance(300);
    assert_ne!(taken(&stand, &first["access_token"]).await, 0);
    assert_eq!(taken(&stand, &next["access_token"]).await, 0);
}

#[tokio::test]
async fn new_tokens_are_forced_twenty_times_a_day_half_a_minute_apart() {
    let stand = Stand::start().await;
    let first = stable(&stand, true).await;
    assert_eq!(code(&stable(&stand, true).await), 45009);
    for _ in 1..20 {
        stand.clock.advance(30);
        assert_eq!(code(&stable(&stand, true).await), 0);
    }
    assert_eq!(taken(&stand, &first["access_token"]).await, 40001);
    stand.clock.advance(3600);
    assert_eq!(code(&stable(&stand, true).await), 45009);
    stand.clock.advance(24 * 3600);
    assert_eq!(code(&stable(&stand, true).await), 0);
}

#[tokio::test]
async fn plain_tokens_replace_one_another_and_leave_stable_ones_alone() {
    let stand = Stand::start().await;
    let lasting = stable(&stand, false).await;
    let path = format!("token?grant_type=client_credential&appid={APP_ID}&secret={APP_SECRET}");
    let first = ask(&stand, &path, "text/plain", None).await;
    let second = ask(&stand, &path, "text/plain", None).await;
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(taken(&stand, &first["access_token"]).await, 0);
    stand.fake.advance(TimeDelta::seconds(300));
    assert_eq!(taken(&stand, &first["access_token"]).await, 40001);
    assert_eq!(taken(&stand, &second["access_token"]).await, 0);
    assert_eq!(taken(&stand, &lasting["access_token"]).await, 0);
    stand.fake.advance(TimeDelta::seconds(6900));
    assert_eq!(taken(&stand, &second["access_token"]).await, 42001);
}

#[tokio::test]
async fn nothing_is_done_without_a_token() {
    let stand = Stand::start().await;
    assert_eq!(code(&ask(&stand, "draft/count", "text/plain", None).await), 41001);
    assert_eq!(taken(&stand, &json!("guess")).await, 40014);
    let answer = post(&stand, "draft/add?access_token=", "{}").await;
    assert_eq!(code(&answer), 41001);
    assert!(answer["errmsg"].as_str().unwrap().contains("rid: "), "{answer}");
}

#[tokio::test]
async fn drafts_are_taken_in_one_shape_only() {
    let stand = Stand::start().await;
    let issue = stand.issue().await;
    let token = stand.fake.tokens()[0].clone();
    let at = |call: &str| format!("draft/{call}?access_token={token}");
    let article = serde_json::to_value(&issue[0]).unwrap();
    for (body, wanted) in [
        ("{\"articles\":".to_owned(), 47001),
        ("not json".to_owned(), 47001),
        (json!({ "articles": article }).to_string(), 44003),
        (json!({ "articles": [[article]] }).to_string(), 44003),
        (json!({ "articles": [] }).to_string(), 44003),
        (json!([article]).to_string(), 44003),
    ] {
        assert_eq!(code(&post(&stand, &at("add"), body.clone()).await), wanted, "{body}");
    }
    let made = stand.platform.add_draft(&issue).await.unwrap();
    let update = |articles: Value, index: i64| {
        json!({ "media_id": made, "index": index, "articles": articles }).to_string()
    };
    let answer = post(&stand, &at("update"), update(json!([article]), 0)).await;
    assert_eq!(code(&answer), 44003, "an update takes an object");
    let answer = post(&stand, &at("update"), update(article.clone(), 7)).await;
    assert_ne!(code(&answer), 0, "there is no eighth article");
    assert_ne!(code(&post(&stand, &at("count"), "{}").await), 0, "drafts are counted by GET");
    let list = json!({ "offset": 0, "count": 21, "no_content": 1 }).to_string();
    assert_ne!(code(&post(&stand, &at("batchget"), list).await), 0, "twenty at once");
    let old = format!("material/add_news?access_token={token}");
    assert_eq!(code(&post(&stand, &old, "{}").await), 45106);
}

#[tokio::test]
async fn escaped_titles_are_longer_where_escapes_count() {
    let stand = Stand::start().await;
    stand.fake.demand(Strictness { titles: Titles::Spelled64, ..Strictness::default() });
    let issue = stand.issue().await;
    let path = format!("draft/add?access_token={}", stand.fake.tokens()[0]);
    for (length, wanted) in [(10, 0), (11, 45003)] {
        let escaped = "\\u5de5".repeat(length);
        let body = json!({ "articles": [issue[0]] }).to_string();
        let body = body.replace(&issue[0].title, &escaped);
        assert_eq!(code(&post(&stand, &path, body).await), wanted, "{length} characters");
    }
}

/// 41005: a form without the field, or without the name of the file.
#[tokio::test]
async fn uploads_need_field_name_and_type() {
    let stand = Stand::start().await;
    stand.platform.draft_count().await.unwrap();
    let token = stand.fake.tokens()[0].clone();
    let form = |head: &str| {
        let mut body = format!("--x\r\n{head}\r\n\r\n").into_bytes();
        body.extend_from_slice(&jpeg(1));
        body.extend_from_slice(b"\r\n--x--\r\n");
        Some(Bytes::from(body))
    };
    let named = "Content-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"";
    for (head, wanted) in [
        (format!("{named}\r\nContent-Type: image/jpeg"), 0),
        (named.to_owned(), 40113),
        (
            "Content-Disposition: form-data; name=\"media\"\r\nContent-Type: image/jpeg".to_owned(),
            41005,
        ),
        (named.replace("media", "file"), 41005),
        (named.replace("a.jpg", ""), 41005),
    ] {
        let path = format!("media/uploadimg?access_token={token}");
        let answer = ask(&stand, &path, "multipart/form-data; boundary=x", form(&head)).await;
        assert_eq!(code(&answer), wanted, "{head}");
    }
    let path = format!("media/uploadimg?access_token={token}");
    assert_eq!(code(&ask(&stand, &path, "image/jpeg", Some(jpeg(1))).await), 41005);
    // A cover must be said to be a picture.
    let path = format!("material/add_material?access_token={token}&type=thumb");
    let head = format!("{named}\r\nContent-Type: image/jpeg");
    let answer = ask(&stand, &path, "multipart/form-data; boundary=x", form(&head)).await;
    assert_eq!(code(&answer), 40004);
}
