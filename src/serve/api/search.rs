//! Searches: as JSON, as a page, as a feed, and feeds through a filter.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode, header};

use crate::model::{Composition, FeedSpec, Format, Item, Place, Selection};
use crate::render::{self, Hitlist, SearchForm};
use crate::store::{Filter, Found, Position, Search};

use super::super::answer::{PAGE_POLICY, set};
use super::asked::{Asked, FILTERS};
use super::made::{Made, made};
use super::refusal::Refusal;
use super::{Offer, Serving};

const KNOWN: [&str; 5] = ["q", "site", "tag", "limit", "before"];
/// Items of an answer, and at most.
const LIMIT: u64 = 20;
const MOST: u64 = 100;
/// Items of a search as a feed.
const FEED_ITEMS: usize = 50;
/// So many items are in a feed however long they are, more while their bodies are not longer.
const FEWEST: usize = 5;
const MOST_BYTES: usize = 1_000_000;
/// Results are as fresh as pages are.
const CACHE: &str = "max-age=60";
const VARY: &str = "Accept-Encoding";

/// `/api/search`.
pub(super) async fn answer(serving: &Serving, head: &Parts) -> Result<Response<Body>, Refusal> {
    let offer = (serving.offer)();
    let client = serving.desk.admit(&offer, &head.headers)?;
    let asked = Asked::strict(head.uri.query(), &KNOWN)?;
    let limit = asked.number("limit", 1..=MOST, LIMIT)?;
    let before = asked.before()?;
    let filter = asked.filter(&offer, client)?;
    let query = filter.query.clone();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let found = whole(search(serving, filter, before, limit).await?)?;
    let next = found.next.map(|place| place.to_string());
    let list =
        Hitlist { query: &query, items: &found.items, next: next.as_deref(), complete: !found.cut };
    let bytes = render::hits(&list, &offer.names, &serving.site());
    let cache = if client.is_some() { "private, max-age=60" } else { CACHE };
    let vary = "Accept-Encoding, Authorization";
    Ok(made(&head.headers, Made { media_type: "application/json", bytes, cache, vary }).await)
}

/// `/search`: the form, and what was found.
pub(super) async fn page(serving: &Serving, head: &Parts) -> Response<Body> {
    let asked = Asked::lenient(head.uri.query());
    let (offer, site) = ((serving.offer)(), serving.site());
    let outcome = results(serving, &offer, &asked).await;
    let fault = outcome.as_ref().err().map(|refusal| refusal.sentence(site.lang));
    let status = outcome.as_ref().err().map_or(StatusCode::OK, Refusal::status);
    let address = asked.address(&FILTERS);
    let form = SearchForm {
        words: asked.text("q").unwrap_or_default(),
        site: asked.text("site").unwrap_or_default(),
        tag: asked.text("tag").unwrap_or_default(),
        fault,
        address: &address,
    };
    let results = outcome.as_ref().ok().and_then(Option::as_ref);
    let next = results.and_then(|(_, found)| found.next).map(|place| place.to_string());
    let list = results.map(|(filter, found)| Hitlist {
        query: &filter.query,
        items: &found.items,
        next: next.as_deref(),
        complete: !found.cut,
    });
    let page = render::search_page(&form, list.as_ref(), &offer.names, &site);
    let whole = Made {
        media_type: page.media_type,
        bytes: page.bytes.to_vec(),
        cache: if status == StatusCode::OK { CACHE } else { "no-store" },
        vary: VARY,
    };
    let mut response = made(&head.headers, whole).await;
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    let policy = PAGE_POLICY.replace("form-action 'none'", "form-action 'self'");
    set(response.headers_mut(), header::CONTENT_SECURITY_POLICY, &policy);
    response
}

/// What was found, with what was asked; `None` where nothing was asked.
async fn results(
    serving: &Serving,
    offer: &Offer,
    asked: &Asked,
) -> Result<Option<(Filter, Found)>, Refusal> {
    if !asked.has_any(&FILTERS) {
        return Ok(None);
    }
    let before = asked.before()?;
    let filter = asked.narrowed(offer, Filter::default())?;
    let limit = usize::try_from(LIMIT).unwrap_or(usize::MAX);
    let found = search(serving, filter.clone(), before, limit).await?;
    Ok(Some((filter, found)))
}

/// `/search.json`: the same question as a feed.
pub(super) async fn feed(serving: &Serving, head: &Parts) -> Result<Response<Body>, Refusal> {
    let asked = Asked::lenient(head.uri.query());
    if !asked.has_any(&FILTERS) {
        return Err(Refusal::parameter("请给出 q、site 或 tag", "wanted q, site or tag"));
    }
    let title = serving.site().title.clone();
    let spec = FeedSpec {
        slug: "search".to_owned(),
        description: title.clone(),
        title,
        home: None,
        selection: Selection::All,
        limit: FEED_ITEMS,
        ttl_minutes: 60,
        formats: vec![Format::Json],
    };
    let address = asked.address(&FILTERS);
    let place = (format!("search.json?{address}"), format!("search?{address}"));
    through(serving, head, &asked, spec, place, false).await
}

/// A feed's `.json` through a filter; `None` where the request is for the feed as it is, or for
/// nothing that is published.
pub(super) async fn filtered(
    serving: &Serving,
    path: &str,
    head: &Parts,
) -> Option<Result<Response<Body>, Refusal>> {
    let slug = path.strip_prefix("feeds/")?.strip_suffix(".json")?;
    let asked = Asked::lenient(head.uri.query());
    if !asked.has_any(&FILTERS) {
        return None;
    }
    let offer = (serving.offer)();
    let spec = offer.feed(slug)?;
    let published = spec.formats.contains(&Format::Json) && serving.catalogue.held(path).is_some();
    if !published {
        return None;
    }
    let address = format!("{path}?{}", asked.address(&FILTERS));
    let page = format!("feeds/{slug}.html");
    Some(through(serving, head, &asked, spec.clone(), (address, page), true).await)
}

/// A feed of what `asked` leaves of `spec`, at the first of `address`, seen at the second; each story
/// `once`, or all that tell it.
async fn through(
    serving: &Serving,
    head: &Parts,
    asked: &Asked,
    mut spec: FeedSpec,
    address: (String, String),
    once: bool,
) -> Result<Response<Body>, Refusal> {
    let offer = (serving.offer)();
    let within = vec![spec.selection.clone()];
    let filter = asked.narrowed(&offer, Filter { within, once, ..Filter::default() })?;
    let found = whole(search(serving, filter, None, spec.limit).await?)?;
    let words: Vec<&str> = FILTERS.iter().filter_map(|name| asked.text(name)).collect();
    spec.title = format!("{}：{}", spec.title, words.join(" "));
    let items = fitting(found.items);
    let updated = items.iter().map(|item| item.revised).max();
    let custody = serving.store.custody(&items).await.unwrap_or_default();
    let place = Place::default();
    let composition =
        Composition { feed: spec, items, withdrawn: Vec::new(), updated, place, custody };
    let front = (serving.front)();
    let document = render::filtered(&composition, &address.0, &address.1, &front.site);
    let document = document.map_err(|_| Refusal::not_yet())?;
    let path = format!("feeds/{}.json", composition.feed.slug);
    let lasts = (front.lasts)(&path, (serving.clock)());
    let cache = format!("max-age={}", lasts.unwrap_or(0).clamp(60, 3600));
    let bytes = document.bytes.to_vec();
    let whole = Made { media_type: document.media_type, bytes, cache: &cache, vary: VARY };
    Ok(made(&head.headers, whole).await)
}

/// The newest of `items` whose bodies together make no feed too long for its readers.
fn fitting(items: Vec<Item>) -> Vec<Item> {
    let mut bytes = 0;
    let fits = |(place, item): &(usize, Item)| {
        bytes += item.html.len();
        *place < FEWEST || bytes <= MOST_BYTES
    };
    items.into_iter().enumerate().take_while(fits).map(|(_, item)| item).collect()
}

/// Runs a search when its turn has come.
async fn search(
    serving: &Serving,
    filter: Filter,
    before: Option<Position>,
    limit: usize,
) -> Result<Found, Refusal> {
    let _turn = serving.desk.search().await?;
    let up_to = *serving.fresh.borrow();
    let search = Search { filter, before, limit, up_to };
    serving.store.search(search).await.map_err(|error| Refusal::store(&error))
}

/// Nothing found because there was no time to is not nothing.
fn whole(found: Found) -> Result<Found, Refusal> {
    if found.cut && found.items.is_empty() { Err(Refusal::too_slow()) } else { Ok(found) }
}
