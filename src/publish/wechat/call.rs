//! Asking the platform: the token, the retries, the log.
//!
//! The address of a request holds the token, so it is in no error and in no line of the log.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde_json::json;
use tracing::{debug, info, warn};
use url::Url;

use crate::model::Secret;
use crate::net::{Exchange, NetError};

use super::Platform;
use super::again::{self, Again, Next};
use super::answer::{self, NoResult, Reply};
use super::error::{Refusal, WechatError};
use super::token::{self, Held, Remedy};

/// The call that hands out tokens.
const TOKEN: &str = "stable_token";
/// No answer is larger: twenty drafts of eight articles of 1 MB come close to nothing real (bytes).
const ANSWER: u64 = 32 << 20;

/// What is sent.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    /// Nothing: a GET.
    Nothing,
    /// An object in JSON.
    Json(Bytes),
    /// A form with a file.
    Form {
        /// The media type, which names the boundary.
        media_type: String,
        /// The form.
        body: Bytes,
    },
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What stands behind `/cgi-bin/`.
    pub(super) call: &'static str,
    /// A parameter beside the token.
    pub(super) parameter: Option<(&'static str, &'static str)>,
    /// What is sent.
    pub(super) payload: Payload,
    /// When it may be repeated.
    pub(super) again: Again,
}

impl Request {
    /// A POST of `body`, in raw UTF-8: escapes would count six characters each.
    pub(super) fn post(call: &'static str, body: &impl Serialize, again: Again) -> Self {
        let body = serde_json::to_vec(body).expect("plain data is JSON");
        Self { call, parameter: None, payload: Payload::Json(body.into()), again }
    }
}

/// The token with what went before: many callers share one request for it.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    /// `None` until the file was looked at.
    held: Option<Held>,
    /// Why the last time was in vain.
    failed: Option<WechatError>,
}

impl Platform {
    /// Makes one call, with a valid token and with the retries that it allows.
    pub(super) async fn ask(&self, request: &Request) -> Result<Reply, WechatError> {
        self.within_quota(request.call)?;
        let mut course = again::Course::new(request.again);
        loop {
            let token = self.token().await?;
            let error = match self.send(request, Some(&token)).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            self.note_quota(&error);
            match course.next(&error) {
                Next::Stop => return Err(error),
                Next::Wait(time) => self.time.wait(time).await,
                Next::Renew => {
                    if !self.renew(&token).await? {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// The token in force; one request for it, however many wait.
    async fn token(&self) -> Result<Secret, WechatError> {
        let before = self.asked.load(Ordering::Acquire);
        let mut keeper = self.keeper.lock().await;
        if keeper.held.is_none() {
            keeper.held = Some(token::load(&self.account).await);
        }
        let now = self.time.now();
        if let Some(token) = keeper.held.as_ref().and_then(|held| held.usable(now)) {
            return Ok(token.clone());
        }
        // Those who waited while it failed for another fail with it.
        if self.asked.load(Ordering::Acquire) > before
            && let Some(error) = &keeper.failed
        {
            return Err(error.clone());
        }
        self.obtain(&mut keeper, false).await
    }

    /// Replaces `stale`, which was refused. False where nothing better is to be had.
    async fn renew(&self, stale: &Secret) -> Result<bool, WechatError> {
        let before = self.asked.load(Ordering::Acquire);
        let mut keeper = self.keeper.lock().await;
        if keeper.held.as_ref().is_some_and(|held| !held.is(stale)) {
            return Ok(true);
        }
        // It was tried for another who waited before us, in vain.
        if self.asked.load(Ordering::Acquire) > before {
            return Ok(false);
        }
        self.obtain(&mut keeper, false).await?;
        let now = self.time.now();
        let held = keeper.held.get_or_insert_default();
        match held.remedy(stale, now) {
            Remedy::Use => Ok(true),
            Remedy::GiveUp => Ok(false),
            Remedy::Force => {
                held.note_forced(now);
                warn!(
                    account = self.account.key,
                    "the token was refused twice; a new one is forced"
                );
                // Noted first: a platform that answers nothing was asked all the same.
                token::save(&self.account, held).await;
                let forced = self.obtain(&mut keeper, true).await;
                Ok(forced.is_ok_and(|token| token != *stale))
            }
        }
    }

    /// Asks for the token and keeps it.
    async fn obtain(&self, keeper: &mut Keeper, force: bool) -> Result<Secret, WechatError> {
        let obtained = self.stable_token(force).await;
        self.asked.fetch_add(1, Ordering::Release);
        keeper.failed = obtained.as_ref().err().cloned();
        let (token, expires_in) = obtained?;
        let held = keeper.held.get_or_insert_default();
        held.take(token.clone(), expires_in, self.time.now());
        // Another process with the same account may have forced one meanwhile.
        held.heed(&token::load(&self.account).await);
        token::save(&self.account, held).await;
        Ok(token)
    }

    async fn stable_token(&self, force: bool) -> Result<(Secret, i64), WechatError> {
        let secret = String::from_utf8_lossy(self.account.secret.reveal()).into_owned();
        let body = json!({
            "grant_type": "client_credential",
            "appid": self.account.app_id,
            "secret": secret,
            "force_refresh": force,
        });
        let again = if force { Again::Never } else { Again::Always };
        let request = Request::post(TOKEN, &body, again);
        self.within_quota(TOKEN)?;
        let mut course = again::Course::new(again);
        let reply = loop {
            match self.send(&request, None).await {
                Ok(reply) => break reply,
                Err(error) => {
                    // Forcing has a quota of its own.
                    if !force {
                        self.note_quota(&error);
                    }
                    let Next::Wait(time) = course.next(&error) else { return Err(error) };
                    self.time.wait(time).await;
                }
            }
        };
        let token = reply.get("access_token").and_then(serde_json::Value::as_str);
        let token = token.filter(|token| !token.is_empty());
        let token = token.ok_or(WechatError::Lacking { call: TOKEN, wanted: "access_token" })?;
        let expires_in = reply.get("expires_in").and_then(answer::number);
        let expires_in =
            expires_in.ok_or(WechatError::Lacking { call: TOKEN, wanted: "expires_in" })?;
        Ok((Secret::new(token), expires_in))
    }

    /// One exchange, told in the log.
    async fn send(&self, request: &Request, token: Option<&Secret>) -> Result<Reply, WechatError> {
        let call = request.call;
        let url = self.address(request, token);
        let (body, media_type) = match &request.payload {
            Payload::Nothing => (None, None),
            Payload::Json(body) => (Some(body.clone()), Some("application/json; charset=utf-8")),
            Payload::Form { media_type, body } => (Some(body.clone()), Some(media_type.as_str())),
        };
        let exchange = Exchange {
            url: &url,
            form: &[],
            body,
            headers: headers(media_type),
            timeout: self.timeout,
            max_bytes: ANSWER,
            allow_private: self.account.allow_private,
        };
        let account = &self.account.key;
        let reply = self.client.exchange(&exchange).await.map_err(|error| {
            // This one alone names the whole address.
            let error = match error {
                NetError::Scheme(_) => NetError::Scheme(self.account.base.to_string()),
                error => error,
            };
            info!(account, call, "no answer: {error}");
            WechatError::Unreached { call, error }
        })?;
        let secrets: Vec<&Secret> = token.into_iter().chain([&self.account.secret]).collect();
        match answer::read(reply.status, &reply.body, &secrets) {
            Ok(reply) => {
                debug!(account, call, "answered");
                Ok(reply)
            }
            Err(NoResult::Garbled(found)) => {
                info!(account, call, "answered by {found}");
                Err(WechatError::Garbled { call, found })
            }
            Err(NoResult::Refused(told, reply)) => {
                let rid = told.rid.as_deref().unwrap_or_default();
                info!(account, call, errcode = told.code, rid, "refused: {}", told.message);
                let why = Refusal::of(&told);
                let error = WechatError::Refused { call, why, told };
                // What was sent before under the same name is sent: the reply has its old number.
                let is_sent = why == Refusal::AlreadySent && reply.contains_key("msg_id");
                if is_sent { Ok(reply) } else { Err(error) }
            }
        }
    }

    /// The address of a call. A base may have a path of its own, as reverse proxies have.
    fn address(&self, request: &Request, token: Option<&Secret>) -> Url {
        let mut url = self.account.base.clone();
        let path = format!("{}/cgi-bin/{}", url.path().trim_end_matches('/'), request.call);
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        if let Some(token) = token {
            let token = String::from_utf8_lossy(token.reveal());
            url.query_pairs_mut()
                .append_pair("access_token", &token)
                .extend_pairs(request.parameter);
        }
        url
    }

    /// Fails without asking where the day's quota of `call` is known to be used up.
    fn within_quota(&self, call: &'static str) -> Result<(), WechatError> {
        let now = self.time.now();
        let mut spent = self.spent.lock().expect("no holder panics");
        spent.retain(|_, (until, _)| *until > now);
        spent.get(call).map_or(Ok(()), |(_, error)| Err(error.clone()))
    }

    fn note_quota(&self, error: &WechatError) {
        if let WechatError::Refused { call, why: Refusal::DailyQuota, .. } = error {
            let until = again::tomorrow(self.time.now());
            let mut spent = self.spent.lock().expect("no holder panics");
            spent.insert(call, (until, error.clone()));
        }
    }
}

/// Calls whose quota is used up: until when, and what the platform said.
pub(super) type Spent = std::collections::HashMap<&'static str, (DateTime<Utc>, WechatError)>;

fn headers(media_type: Option<&str>) -> HeaderMap {
    let agent = concat!("lianbo/", env!("CARGO_PKG_VERSION"));
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(value) = media_type.and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers
}

/// Limit of one exchange: pictures of 10 MB go out on slow lines.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);
