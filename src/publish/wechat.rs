//! The WeChat Official Account platform: pictures, covers, drafts, publishing.
//!
//! In: articles that are laid out, pictures within the platform's limits; out: drafts in the
//! account's box. What the platform says is read by pure functions (`answer`, `error`, `again`,
//! `token`); `call` alone talks to it. Nothing is laid out, approved or remembered here but the
//! access token.
//!
//! A draft is never made twice and an editor's change never overwritten (`creation`). Neither the
//! token nor the secret is ever in an error, in the log or in anything that is shown.

mod again;
mod answer;
mod call;
mod creation;
mod draft;
mod error;
mod media;
mod said;
mod secret;
mod sending;
mod time;
mod token;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use url::Url;

use crate::model::Secret;
use crate::net::{Client, NetSettings};

use call::{Keeper, Spent};

pub use answer::{Garbled, Told};
pub use creation::Pushed;
pub use draft::{DraftPage, MediaId, StoredArticle, StoredDraft};
pub use error::{Refusal, WechatError};
pub use secret::secret;
pub use sending::{Publication, PublishState, Sent};
pub use time::Time;

/// An account that drafts are pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name in configuration and log.
    pub key: String,
    /// The `AppID`.
    pub app_id: String,
    /// The `AppSecret`.
    pub secret: Secret,
    /// Where the platform is: `https://api.weixin.qq.com`, or a proxy with a fixed address, which
    /// may have a path.
    pub base: Url,
    /// The base may be in a private network.
    pub allow_private: bool,
    /// Where the access token outlives us; made with mode 0600.
    pub token_file: PathBuf,
}

/// The platform as one account sees it. Share it: many callers, one token.
#[derive(Debug)]
pub struct Platform {
    account: Account,
    client: Client,
    time: Time,
    timeout: Duration,
    keeper: tokio::sync::Mutex<Keeper>,
    /// How often a token was asked for.
    asked: AtomicU64,
    spent: Mutex<Spent>,
}

impl Platform {
    /// The platform for `account`; nothing is asked yet.
    pub fn new(account: Account, client: Client, time: Time) -> Self {
        Self {
            account,
            client,
            time,
            timeout: call::TIMEOUT,
            keeper: tokio::sync::Mutex::default(),
            asked: AtomicU64::new(0),
            spent: Mutex::default(),
        }
    }

    /// The same with a client of its own; `resolve` has fixed addresses of names.
    pub fn reaching(account: Account, resolve: HashMap<String, SocketAddr>, time: Time) -> Self {
        Self::new(account, Client::new(NetSettings { resolve }), time)
    }

    /// The same with another limit for one exchange.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }
}
