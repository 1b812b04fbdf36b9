//! `/embed/SLUG`: a feed's newest for the `<iframe>` of another site.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, header};

use crate::model::{Composition, Custody, FeedSpec, Place};
use crate::render::{self, EmbedLook};

use super::super::answer::set;
use super::Serving;
use super::asked::Asked;
use super::made::{Made, made};
use super::refusal::Refusal;

/// Items shown, and at most.
const ITEMS: u64 = 10;
const MOST: u64 = 50;
/// Parameters that are colours, each the name of a CSS variable.
const COLOURS: [&str; 5] = ["color", "muted", "accent", "line", "background"];
/// Any site may frame it; it runs nothing and loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors *";
const CACHE: &str = "max-age=300, stale-while-revalidate=600, stale-if-error=86400";

/// The page; `None` for a feed that is not published.
pub(super) async fn answer(
    serving: &Serving,
    slug: &str,
    head: &Parts,
) -> Option<Result<Response<Body>, Refusal>> {
    let offer = (serving.offer)();
    let spec = offer.feed(slug)?;
    Some(page(serving, spec, head).await)
}

async fn page(serving: &Serving, spec: &FeedSpec, head: &Parts) -> Result<Response<Body>, Refusal> {
    let asked = Asked::lenient(head.uri.query());
    let look = look(&asked)?;
    let limit = asked.number("n", 1..=MOST, ITEMS)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let items = {
        let _turn = serving.desk.search().await?;
        let newest = serving.store.newest(&spec.selection, limit, None).await;
        newest.map_err(|error| Refusal::store(&error))?
    };
    let composition = Composition {
        feed: spec.clone(),
        items,
        withdrawn: Vec::new(),
        updated: None,
        place: Place::default(),
        custody: Custody::default(),
    };
    let page = render::embed_page(&composition, &look, &serving.site());
    let (media_type, bytes) = (page.media_type, page.bytes.to_vec());
    let whole = Made { media_type, bytes, cache: CACHE, vary: "Accept-Encoding" };
    let mut response = made(&head.headers, whole).await;
    set(response.headers_mut(), header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

fn look(asked: &Asked) -> Result<EmbedLook, Refusal> {
    let mut look = EmbedLook::default();
    if asked.text("size").is_some() {
        look.size = u8::try_from(asked.number("size", 10..=32, 15)?).ok();
    }
    look.without_dates = asked.number("date", 0..=1, 1)? == 0;
    look.with_source = asked.number("source", 0..=1, 0)? == 1;
    for name in COLOURS {
        if let Some(text) = asked.text(name) {
            look.colours.push((name, colour(name, text)?));
        }
    }
    Ok(look)
}

/// 3, 4, 6 or 8 hexadecimal digits, with or without `#`.
fn colour(name: &str, text: &str) -> Result<String, Refusal> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let well_formed =
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if well_formed {
        return Ok(format!("#{digits}"));
    }
    Err(Refusal::parameter(
        format!("参数 {name} 应为十六进制颜色，如 a8201a"),
        format!("{name}: wanted a colour in hexadecimal digits, such as a8201a"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hexadecimal_digits_become_a_colour() {
        for (text, colour_of) in
            [("#a8201a", "#a8201a"), ("fff", "#fff"), ("00000080", "#00000080")]
        {
            assert_eq!(colour("color", text).unwrap(), colour_of);
        }
        for text in ["red", "#12", "#12345g", "fff;}", "url(x)", "##fff", "ｆｆｆ", "var(--x)"] {
            assert!(colour("color", text).is_err(), "{text}");
        }
    }
}
