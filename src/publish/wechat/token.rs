//! The access token: what is held of it, when it is renewed, and the file that outlives us.
//!
//! Everything here takes the time as an argument; requests are made in `call`.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::model::Secret;

use super::Account;

/// A token is renewed so long before it expires: from then on the platform hands out the next one,
/// and both are valid.
const EARLY: TimeDelta = TimeDelta::seconds(300);
/// No token is valid for longer.
const LONGEST: TimeDelta = TimeDelta::seconds(7200);
/// A token that the platform refuses although it hands it out may be new and not known everywhere
/// yet; younger ones are not forced.
const YOUNG: TimeDelta = TimeDelta::seconds(60);
/// The platform forces 20 new tokens a day at most: one in so long never meets that limit.
const BETWEEN_FORCED: TimeDelta = TimeDelta::minutes(75);

/// What is held for one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Held {
    token: Option<Token>,
    /// When a new token was last forced.
    forced: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Token {
    secret: Secret,
    /// When it first came to us.
    got: DateTime<Utc>,
    /// Until when it is used.
    until: DateTime<Utc>,
}

/// What is to be done about a token that was refused, once the platform was asked for it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Another token came: use it.
    Use,
    /// The same came: demand a new one.
    Force,
    /// The same came, and it is too early to demand another.
    GiveUp,
}

impl Held {
    /// The token, where it may be used at `now`.
    pub(super) fn usable(&self, now: DateTime<Utc>) -> Option<&Secret> {
        let token = self.token.as_ref()?;
        // A clock that was set back must not stretch its life.
        (now < token.until && token.until - now <= LONGEST).then_some(&token.secret)
    }

    /// Whether `token` is the one held.
    pub(super) fn is(&self, token: &Secret) -> bool {
        self.token.as_ref().is_some_and(|held| held.secret == *token)
    }

    /// Takes in what the platform handed out at `now`, good for `expires_in` seconds.
    pub(super) fn take(&mut self, secret: Secret, expires_in: i64, now: DateTime<Utc>) {
        let life = TimeDelta::seconds(expires_in.clamp(0, LONGEST.num_seconds()));
        // Where the platform hands out one that is near its end, half of what is left is used.
        let life = if life > EARLY { life - EARLY } else { life / 2 };
        let got = match &self.token {
            Some(held) if held.secret == secret => held.got,
            _ => now,
        };
        self.token = Some(Token { secret, got, until: now + life });
    }

    /// What to do about `stale`, which was refused, when the platform was asked again at `now`.
    pub(super) fn remedy(&self, stale: &Secret, now: DateTime<Utc>) -> Remedy {
        let Some(token) = self.token.as_ref().filter(|token| token.secret == *stale) else {
            return Remedy::Use;
        };
        let is_old = now - token.got > YOUNG;
        let may_force = self.forced.is_none_or(|forced| now - forced >= BETWEEN_FORCED);
        if is_old && may_force { Remedy::Force } else { Remedy::GiveUp }
    }

    /// Learns from `other` when a token was last forced.
    pub(super) fn heed(&mut self, other: &Self) {
        self.forced = self.forced.max(other.forced);
    }

    /// Notes that a new token is demanded at `now`.
    pub(super) fn note_forced(&mut self, now: DateTime<Utc>) {
        self.forced = Some(now);
    }
}

/// The file, as it is written.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// Whose token, and of which platform: another account's file is of no use.
    app_id: String,
    base: String,
    token: String,
    got: DateTime<Utc>,
    until: DateTime<Utc>,
    forced: Option<DateTime<Utc>>,
}

/// What the account's file holds; nothing where there is none that can be used.
pub(super) async fn load(account: &Account) -> Held {
    let Ok(text) = fs::read(&account.token_file).await else { return Held::default() };
    let Ok(saved) = serde_json::from_slice::<Saved>(&text) else { return Held::default() };
    if saved.app_id != account.app_id || saved.base != account.base.as_str() {
        return Held::default();
    }
    let token = Token { secret: Secret::new(saved.token), got: saved.got, until: saved.until };
    Held { token: Some(token), forced: saved.forced }
}

/// Keeps `held` in the account's file, which nobody but its owner may read. A file that cannot be
/// written costs a request at the next start, no more.
pub(super) async fn save(account: &Account, held: &Held) {
    let Some(token) = &held.token else { return };
    let saved = Saved {
        app_id: account.app_id.clone(),
        base: account.base.to_string(),
        token: String::from_utf8_lossy(token.secret.reveal()).into_owned(),
        got: token.got,
        until: token.until,
        forced: held.forced,
    };
    let bytes = serde_json::to_vec(&saved).expect("texts and times are JSON");
    if let Err(error) = replace(&account.token_file, &bytes).await {
        let file = account.token_file.display();
        tracing::warn!(account = account.key, %file, "the access token was not kept: {error}");
    }
}

/// Writes a file of mode 0600 beside its place and renames it into it.
async fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).await?;
    }
    let beside = file.with_extension(format!("{}.tmp", std::process::id()));
    // What a killed process left there might be readable by others.
    let _ = fs::remove_file(&beside).await;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut open = options.open(&beside).await?;
    open.write_all(bytes).await?;
    open.sync_all().await?;
    fs::rename(&beside, file).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    fn secret(name: &str) -> Secret {
        Secret::new(name)
    }

    #[test]
    fn a_token_is_used_until_five_minutes_before_its_end() {
        let mut held = Held::default();
        assert_eq!(held.usable(at(0)), None);
        held.take(secret("a"), 7200, at(0));
        assert_eq!(held.usable(at(6899)), Some(&secret("a")));
        assert_eq!(held.usable(at(6900)), None);
        // A clock set back by a day must not make it last a day longer.
        assert_eq!(held.usable(at(-86_400)), None);
    }

    #[test]
    fn a_token_near_its_end_is_used_for_half_of_what_is_left() {
        let mut held = Held::default();
        held.take(secret("a"), 200, at(0));
        assert_eq!(held.usable(at(99)), Some(&secret("a")));
        assert_eq!(held.usable(at(100)), None);
        for nonsense in [-5, 0, i64::MAX] {
            held.take(secret("b"), nonsense, at(0));
            assert_eq!(held.usable(at(7200)), None);
        }
    }

    #[test]
    fn a_new_token_is_forced_only_where_the_same_old_one_comes_back() {
        let mut held = Held::default();
        held.take(secret("a"), 7200, at(0));
        assert_eq!(held.remedy(&secret("x"), at(0)), Remedy::Use);
        held.take(secret("a"), 7140, at(60));
        assert_eq!(held.remedy(&secret("a"), at(60)), Remedy::GiveUp, "60 s is not more than 60 s");
        assert_eq!(held.remedy(&secret("a"), at(61)), Remedy::Force);
        held.note_forced(at(61));
        held.take(secret("b"), 7200, at(61));
        assert_eq!(held.remedy(&secret("b"), at(600)), Remedy::GiveUp);
        assert_eq!(held.remedy(&secret("b"), at(61 + 75 * 60)), Remedy::Force);
    }
}
