//! What programs and pages of others ask for: changes with a cursor, searches, feeds through a
//! filter, and a feed's newest as a page to embed. Made on the spot from what is published.

mod asked;
mod desk;
mod embed;
mod items;
mod made;
mod refusal;
mod search;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};

use crate::model::{ColumnId, FeedSpec};
use crate::render::Names;

use super::Serving;
use super::answer::fresh;
use refusal::Refusal;

pub use desk::{Client, Desk};

/// The description of the API (OpenAPI 3.1).
const DESCRIPTION: &str = include_str!("../../docs/openapi.json");
/// The address in it that stands for ours.
const SERVER: &str = "https://lianbo.example/";

/// What is offered to programs, as the configuration of that moment has it.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// Whether the API answers without a token.
    pub public: bool,
    /// Every published feed.
    pub feeds: Vec<FeedSpec>,
    /// What sites and columns are called.
    pub names: Names,
    /// The columns of each tag.
    pub tags: std::collections::BTreeMap<String, Vec<ColumnId>>,
    /// Those with a token.
    pub clients: Vec<Client>,
}

impl Offer {
    fn feed(&self, slug: &str) -> Option<&FeedSpec> {
        self.feeds.iter().find(|feed| feed.slug == slug)
    }
}

/// The answer to a request for `path`, where it is one of these; `None` for published documents.
pub(super) async fn answer(serving: &Serving, path: &str, head: &Parts) -> Option<Response<Body>> {
    let answered = match path {
        "api/items" => items::answer(serving, head).await,
        "api/search" => search::answer(serving, head).await,
        "api/openapi.json" => Ok(description(serving)),
        "search" => Ok(search::page(serving, head).await),
        "search.json" => search::feed(serving, head).await,
        _ if path.starts_with("api/") => Err(Refusal::no_such_path()),
        _ => match path.strip_prefix("embed/") {
            Some(slug) => embed::answer(serving, slug, head).await?,
            None => search::filtered(serving, path, head).await?,
        },
    };
    Some(answered.unwrap_or_else(|refusal| refusal.response()))
}

fn description(serving: &Serving) -> Response<Body> {
    let text = DESCRIPTION.replace(SERVER, serving.site().base_url.as_str());
    fresh(StatusCode::OK, "application/json", text)
}
