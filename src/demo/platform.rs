//! A faithful fake of the WeChat Official Account platform: one account, on loopback.
//!
//! It keeps what it is given and is as strict as the real one is known to be: tokens that live and
//! die, files that must be what they say, limits of drafts, a filter on what is stored. It can be
//! made to fail in every way that the real one does ([`FakePlatform::faults`]), and it shows drafts
//! as subscribers would see them: `/` lists them, `/draft/MEDIA_ID` is one on a phone.

mod check;
mod draft;
mod fault;
mod filter;
mod page;
mod sending;
mod state;
mod token;
mod upload;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use url::Url;

use crate::pipeline::Clock;

pub use check::{Digests, Strictness, Titles};
pub use fault::{Fault, Faults};
pub use state::{FakeArticle, FakeDraft, PlatformRequest};

use state::State;

/// `AppID` of the one account.
pub const APP_ID: &str = "wx0000000000000demo";
/// `AppSecret` of the one account.
pub const APP_SECRET: &str = "0000demo0000demo0000demo0000demo";

/// The running fake; it ends with its owner.
pub struct FakePlatform {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

/// What all connections share.
struct Shared {
    clock: Clock,
    address: SocketAddr,
    state: Mutex<State>,
    /// An answer that is held may be given.
    let_go: Notify,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    /// The state with its clock set right.
    fn current(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.now = (self.clock)() + state.ahead;
        state
    }
}

impl FakePlatform {
    /// Starts it on a port of the system's choice, by the clock `clock`.
    pub async fn start(clock: Clock) -> std::io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), clock).await
    }

    /// Starts it at `address`, which is to be a loopback address.
    pub async fn start_at(address: SocketAddr, clock: Clock) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Mutex::new(State::new(clock()));
        let shared = Arc::new(Shared { clock, address, state, let_go: Notify::new() });
        let server = tokio::spawn(wire::serve(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, server })
    }

    /// Its address, as `wechat.base` wants it; people look at drafts there too.
    pub fn base(&self) -> Url {
        let text = format!("http://{}/", self.address);
        text.parse().expect("a socket address is the host of an address")
    }

    /// What it shall fail at.
    pub fn faults(&self) -> Faults<'_> {
        Faults::of(&self.shared)
    }

    /// How strict it shall be.
    pub fn demand(&self, strictness: Strictness) {
        self.shared.state().strictness = strictness;
    }

    /// Every call so far, in order.
    pub fn requests(&self) -> Vec<PlatformRequest> {
        self.shared.state().seen.clone()
    }

    /// How often `call` came: `draft/add`.
    pub fn count(&self, call: &str) -> usize {
        self.shared.state().seen.iter().filter(|request| request.call == call).count()
    }

    /// Its clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.current().now
    }

    /// Sets its clock forward.
    pub fn advance(&self, time: TimeDelta) {
        self.shared.state().ahead += time;
    }

    /// The drafts in the box, newest first.
    pub fn drafts(&self) -> Vec<FakeDraft> {
        self.shared.state().drafts_by_age().cloned().collect()
    }

    /// What an editor does in the web editor: the title of the first article gets `words`, and the
    /// draft a new `update_time`. False where there is no such draft.
    pub fn edit_by_hand(&self, media_id: &str, words: &str) -> bool {
        let mut state = self.shared.current();
        let now = state.now.timestamp();
        let Some(draft) = state.drafts.get_mut(media_id) else { return false };
        draft.update_time = now.max(draft.update_time + 1);
        if let Some(first) = draft.articles.first_mut() {
            first.title.push_str(words);
        }
        true
    }

    /// What an editor does in the web editor: the draft is deleted. False where there is none.
    pub fn delete_by_hand(&self, media_id: &str) -> bool {
        self.shared.state().drafts.remove(media_id).is_some()
    }

    /// What `freepublish/get` says of the next publishing, one after the other; the last one stays:
    /// 1, 1, 0 by default. With `as_number` the name of a publishing is a number.
    pub fn script_publishing(&self, states: &[i64], as_number: bool) {
        let mut state = self.shared.state();
        state.script = states.to_vec();
        state.publish_id_is_number = as_number;
    }

    /// Makes the platform refuse the token in force with `errcode` while it goes on handing it out,
    /// until it is forced to make another.
    pub fn spoil_token(&self, errcode: i64) {
        self.shared.state().tokens.spoil(errcode);
    }

    /// Makes the platform forget the token in force: it is refused as stale, and the next request
    /// for one brings another.
    pub fn replace_token(&self) {
        self.shared.state().tokens.replace();
    }

    /// Every token that was handed out; nothing of ours may show one.
    pub fn tokens(&self) -> Vec<String> {
        self.shared.state().tokens.all()
    }
}

impl Drop for FakePlatform {
    fn drop(&mut self) {
        self.server.abort();
    }
}
