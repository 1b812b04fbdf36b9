//! `/api/items`: what changed after a number, at once or as soon as there is something.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Response};
use tokio::time::Instant;

use crate::model::{Item, Seq};
use crate::render::{self, Became};
use crate::store::{Changes, Filter, Told};

use super::asked::Asked;
use super::desk::Client;
use super::made::{Made, made};
use super::refusal::Refusal;
use super::{Offer, Serving};

const KNOWN: [&str; 7] = ["after", "limit", "wait", "feed", "site", "tag", "q"];
/// What belongs to a cursor beside its number: a client keeps one for each of these.
const CURSOR: [&str; 4] = ["feed", "site", "tag", "q"];
/// Items of an answer, and at most.
const LIMIT: u64 = 100;
const MOST: u64 = 500;
/// The longest wait in seconds: proxies give up after a minute.
const LONGEST: u64 = 55;

/// The answer to a request for changes.
pub(super) async fn answer(serving: &Serving, head: &Parts) -> Result<Response<Body>, Refusal> {
    let offer = (serving.offer)();
    let client = serving.desk.admit(&offer, &head.headers)?;
    let asked = Asked::strict(head.uri.query(), &KNOWN)?;
    let after = asked.number("after", 0..=u64::MAX, 0)?;
    let most = client.map_or(MOST, |client| client.limit);
    let limit = asked.number("limit", 1..=MOST, LIMIT)?.min(most);
    let wait = asked.number("wait", 0..=LONGEST, 0)?;
    let filter = asked.filter(&offer, client)?;
    not_ahead(serving, after).await?;
    if let Some(client) = client {
        note(serving, client, &asked, after).await;
    }
    let wait = if head.method == Method::HEAD { 0 } else { wait };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let question = Question { filter, after, limit };
    let changes = question.answered(serving, client, Duration::from_secs(wait)).await?;
    let bytes = written(serving, &offer, changes).await;
    let cache = match (wait, client) {
        (1.., _) => "no-store",
        (_, Some(_)) => "private, no-cache",
        _ => "public, no-cache",
    };
    let vary = "Accept-Encoding, Authorization";
    Ok(made(&head.headers, Made { media_type: "application/json", bytes, cache, vary }).await)
}

/// What is asked, whenever it is answered.
struct Question {
    filter: Filter,
    after: Seq,
    limit: usize,
}

impl Question {
    /// Looks once, and again after each publication, until there is something to tell, the time is
    /// up or the daemon ends.
    async fn answered(
        mut self,
        serving: &Serving,
        client: Option<&Client>,
        wait: Duration,
    ) -> Result<Changes, Refusal> {
        let mut fresh = serving.fresh.clone();
        let until = Instant::now() + wait;
        let mut place = None;
        loop {
            let up_to = *fresh.borrow_and_update();
            let changes = serving
                .store
                .changes(self.filter.clone(), self.after, up_to, self.limit)
                .await
                .map_err(|error| Refusal::store(&error))?;
            if wait.is_zero() || changes.more || !changes.told.is_empty() {
                return Ok(changes);
            }
            if place.is_none() {
                place = Some(serving.desk.wait(client)?);
            }
            self.after = changes.next;
            tokio::select! {
                Ok(()) = fresh.changed() => {}
                () = tokio::time::sleep_until(until) => return Ok(changes),
                () = serving.end.cancelled() => return Ok(changes),
                else => return Ok(changes),
            }
        }
    }
}

/// A cursor beyond the last change belongs to another database: waiting would be in vain.
async fn not_ahead(serving: &Serving, after: Seq) -> Result<(), Refusal> {
    if after <= *serving.fresh.borrow() {
        return Ok(());
    }
    let last = serving.store.last_seq().await.map_err(|error| Refusal::store(&error))?;
    if after > last { Err(Refusal::ahead(last)) } else { Ok(()) }
}

/// The client has what is before `after`. That this cannot be noted is no reason not to answer.
async fn note(serving: &Serving, client: &Client, asked: &Asked, after: Seq) {
    let filter = asked.address(&CURSOR);
    let noted = serving.store.note_client(&client.id, &filter, after, (serving.clock)()).await;
    if let Err(error) = noted {
        tracing::warn!(client = client.id, code = error.code().as_str(), "{error}");
    }
}

async fn written(serving: &Serving, offer: &Arc<Offer>, changes: Changes) -> Vec<u8> {
    let (site, offer) = (serving.site(), Arc::clone(offer));
    let items: Vec<Item> = changes.told.iter().map(|told| told.item().clone()).collect();
    // Where what we hold cannot be asked for, the original addresses are true too.
    let custody = serving.store.custody(&items).await.unwrap_or_default();
    let write = move || {
        let told = changes.told.iter().map(|told| {
            let became = match told {
                Told::Item(_) => Became::Live,
                Told::Withdrawn(_) => Became::Withdrawn,
                Told::Outside(_) => Became::Outside,
            };
            (told.item(), became)
        });
        render::changes(told, changes.next, changes.more, &offer.names, &custody, &site)
    };
    tokio::task::spawn_blocking(write).await.unwrap_or_default()
}
