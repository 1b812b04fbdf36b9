//! Pages for people: the box, and a draft as it looks on a subscriber's phone.
//!
//! Pictures of the picture host are served from here, so nothing is loaded from elsewhere.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use chrono::DateTime;
use minijinja::{Environment, Value, context};

use crate::model::BEIJING;

use super::state::{FakeArticle, FakeDraft, State};
use super::upload::HOST;

/// Nothing but our own pictures and the styles of the page.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'";

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut pages = Environment::new();
    for (name, text) in [
        ("base.html", include_str!("templates/base.html")),
        ("box.html", include_str!("templates/box.html")),
        ("draft.html", include_str!("templates/draft.html")),
        ("gone.html", include_str!("templates/gone.html")),
    ] {
        pages.add_template(name, text).expect("the templates of the program are valid");
    }
    pages
});

/// The page at `path`.
pub(super) fn answer(state: &State, path: &str) -> Response<Body> {
    if let Some(path) = path.strip_prefix("/mmbiz/") {
        return picture(state, path);
    }
    let rest = path.strip_prefix("/draft/").map(|rest| rest.trim_end_matches('/'));
    let page = match rest {
        None if path == "/" => Some(page_of_box(state)),
        None => None,
        Some(rest) => {
            let (media_id, number) = rest.split_once('/').unwrap_or((rest, "1"));
            page_of_draft(state, media_id, number)
        }
    };
    match page {
        Some(page) => html(StatusCode::OK, page),
        None => html(StatusCode::NOT_FOUND, render("gone.html", context! {})),
    }
}

fn page_of_box(state: &State) -> String {
    let row = |draft: &FakeDraft, what: &str| {
        let first = draft.articles.first();
        context! {
            address => ours(format!("/draft/{}", draft.media_id)),
            title => first.map_or("", |article| article.title.as_str()),
            cover => first.map_or_else(Value::default, |article| cover(state, article)),
            articles => draft.articles.len(),
            written => written(draft),
            state => what,
        }
    };
    let sent = state.sent.iter().rev();
    let sent = sent.map(|sent| row(&sent.draft, if sent.to_all { "已群发" } else { "已发表" }));
    let drafts = state.drafts_by_age().map(|draft| row(draft, "草稿"));
    let rows: Vec<Value> = drafts.chain(sent).collect();
    render("box.html", context! { rows })
}

fn page_of_draft(state: &State, media_id: &str, number: &str) -> Option<String> {
    let sent = || state.sent.iter().map(|sent| &sent.draft).find(|d| d.media_id == media_id);
    let draft = state.drafts.get(media_id).or_else(sent)?;
    let number = number.parse::<usize>().ok().filter(|number| *number > 0)?;
    let seen = |(index, article): (usize, &FakeArticle)| {
        context! {
            address => ours(format!("/draft/{media_id}/{}", index + 1)),
            title => article.title.as_str(),
            author => article.author.as_str(),
            digest => article.digest.as_str(),
            content => Value::from_safe_string(here(&article.content)),
            source => source(&article.content_source_url),
            cover => cover(state, article),
        }
    };
    let articles: Vec<Value> = draft.articles.iter().enumerate().map(seen).collect();
    let article = articles.get(number - 1)?.clone();
    Some(render("draft.html", context! { articles, article, number, written => written(draft) }))
}

/// 阅读原文, where it leads to a page.
fn source(address: &str) -> &str {
    let is_page = address.starts_with("http://") || address.starts_with("https://");
    if is_page { address } else { "" }
}

fn render(name: &str, data: Value) -> String {
    let template = PAGES.get_template(name).expect("every page has a template");
    template.render(data).unwrap_or_else(|error| format!("{error}"))
}

/// The picture host's pictures, at our address.
fn here(html: &str) -> String {
    html.replace(&format!("https://{HOST}/"), "/mmbiz/")
        .replace(&format!("http://{HOST}/"), "/mmbiz/")
}

fn cover(state: &State, article: &FakeArticle) -> Value {
    let path = state.material.get(&article.thumb_media_id);
    path.map_or_else(Value::default, |path| ours(format!("/mmbiz/{path}")))
}

/// An address that we made: there is nothing to escape in it.
fn ours(address: String) -> Value {
    Value::from_safe_string(address)
}

/// When it was written last, in Beijing.
fn written(draft: &FakeDraft) -> String {
    let at = DateTime::from_timestamp(draft.update_time, 0).unwrap_or_default();
    at.with_timezone(&BEIJING).format("%Y年%-m月%-d日 %H:%M").to_string()
}

fn picture(state: &State, path: &str) -> Response<Body> {
    let Some(picture) = state.pictures.get(path) else {
        return html(StatusCode::NOT_FOUND, render("gone.html", context! {}));
    };
    let mut response = Response::new(Body::from(picture.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(picture.media_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn html(status: StatusCode, page: String) -> Response<Body> {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
