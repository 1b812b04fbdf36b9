//! Access tokens: those of `stable_token`, which stick, and those of `token`, which replace one
//! another. The two kinds know nothing of each other.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::state::{Outcome, Refused, State};
use super::{APP_ID, APP_SECRET};

/// How long a token lives.
const LIFE: TimeDelta = TimeDelta::seconds(7200);
/// Before its end another is handed out, and both are valid; after a replacement too.
const OVERLAP: TimeDelta = TimeDelta::seconds(300);
/// Forced tokens a day, and the time between two.
const FORCED: (usize, TimeDelta) = (20, TimeDelta::seconds(30));
/// Clients are to allow for so many characters.
const LENGTH: usize = 512;

/// The tokens of the account.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: Vec<Token>,
    forced: Vec<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Stable,
    Plain,
}

#[derive(Debug)]
struct Token {
    text: String,
    kind: Kind,
    expires: DateTime<Utc>,
    /// From then on it is stale, because of another.
    stale: Option<DateTime<Utc>>,
    /// What it is refused with, although it is handed out.
    spoilt: Option<i64>,
}

impl Tokens {
    pub(super) fn all(&self) -> Vec<String> {
        self.issued.iter().map(|token| token.text.clone()).collect()
    }

    pub(super) fn spoil(&mut self, errcode: i64) {
        if let Some(token) = self.newest(Kind::Stable) {
            token.spoilt = Some(errcode);
        }
    }

    pub(super) fn replace(&mut self) {
        for token in self.issued.iter_mut().filter(|token| token.kind == Kind::Stable) {
            token.stale = Some(DateTime::<Utc>::MIN_UTC);
        }
    }

    /// Whether a call with `token` may go on.
    pub(super) fn check(&self, token: Option<&str>, now: DateTime<Utc>) -> Result<(), Refused> {
        let Some(text) = token.filter(|token| !token.is_empty()) else {
            return Err(Refused::new(41001, "access_token missing"));
        };
        let Some(token) = self.issued.iter().find(|token| token.text == text) else {
            return Err(Refused::new(40014, "invalid access_token"));
        };
        if let Some(code) = token.spoilt {
            return Err(Refused::new(code, "access_token refused"));
        }
        if token.stale.is_some_and(|stale| now >= stale) {
            let message = "invalid credential, access_token is invalid or not latest";
            return Err(Refused::new(40001, message));
        }
        if now >= token.expires {
            return Err(Refused::new(42001, "access_token expired"));
        }
        Ok(())
    }

    fn newest(&mut self, kind: Kind) -> Option<&mut Token> {
        self.issued.iter_mut().rev().find(|token| token.kind == kind)
    }

    /// Issues another token; the one before is stale from `stale` on.
    fn issue(&mut self, kind: Kind, now: DateTime<Utc>, stale: DateTime<Utc>) -> Value {
        if let Some(before) = self.newest(kind) {
            before.stale = Some(before.stale.map_or(stale, |earlier| earlier.min(stale)));
        }
        let mut text = format!("86_{}_", self.issued.len());
        while text.len() < LENGTH {
            text.push_str(blake3::hash(text.as_bytes()).to_hex().as_str());
        }
        text.truncate(LENGTH);
        let answer = json!({ "access_token": text, "expires_in": LIFE.num_seconds() });
        self.issued.push(Token { text, kind, expires: now + LIFE, stale: None, spoilt: None });
        answer
    }
}

/// `stable_token`: the same token until shortly before its end.
pub(super) fn stable(state: &mut State, body: &Value) -> Outcome {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    account(text("grant_type"), text("appid"), text("secret"))?;
    let now = state.now;
    let tokens = &mut state.tokens;
    if body.get("force_refresh") == Some(&Value::Bool(true)) {
        tokens.forced.retain(|at| now - *at < TimeDelta::days(1));
        let (most, apart) = FORCED;
        let is_early = tokens.forced.last().is_some_and(|at| now - *at < apart);
        if is_early || tokens.forced.len() >= most {
            return Err(Refused::new(45009, "reach max api daily quota limit, force_refresh"));
        }
        tokens.forced.push(now);
        return Ok(tokens.issue(Kind::Stable, now, now));
    }
    if let Some(token) = tokens.newest(Kind::Stable)
        && token.stale.is_none()
        && token.expires - now > OVERLAP
    {
        let expires_in = (token.expires - now).num_seconds();
        return Ok(json!({ "access_token": token.text, "expires_in": expires_in }));
    }
    Ok(tokens.issue(Kind::Stable, now, now + OVERLAP))
}

/// `token`: another token every time.
pub(super) fn plain(state: &mut State, query: &dyn Fn(&str) -> Option<String>) -> Outcome {
    let text = |name| query(name).unwrap_or_default();
    account(&text("grant_type"), &text("appid"), &text("secret"))?;
    let now = state.now;
    Ok(state.tokens.issue(Kind::Plain, now, now + OVERLAP))
}

fn account(grant: &str, app_id: &str, secret: &str) -> Result<(), Refused> {
    if grant != "client_credential" {
        return Err(Refused::new(40002, "invalid grant_type"));
    }
    if app_id != APP_ID {
        return Err(Refused::new(40013, "invalid appid"));
    }
    if secret != APP_SECRET {
        return Err(Refused::new(40125, "invalid appsecret"));
    }
    Ok(())
}
