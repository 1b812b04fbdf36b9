//! The limits of drafts. Sources disagree about some, so they can be set.

use serde_json::Value;

use super::state::{FakeArticle, Refused, State};

/// How titles are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Titles {
    /// 64 characters, as is reported of the platform.
    #[default]
    Characters64,
    /// 32 characters, as its documentation says.
    Characters32,
    /// 64 characters as they are spelled in the request: `\u5de5` is six.
    Spelled64,
}

/// How summaries are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Digests {
    /// 128 characters, as its documentation says.
    #[default]
    Characters128,
    /// 120 bytes of UTF-8, as is reported.
    Bytes120,
    /// 54 bytes of UTF-8.
    Bytes54,
    /// Nothing but the empty one.
    None,
}

/// How strict the platform is where sources disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strictness {
    /// About titles.
    pub titles: Titles,
    /// About summaries.
    pub digests: Digests,
}

/// Articles of a draft.
pub(super) const ARTICLES: usize = 8;
const AUTHOR: usize = 16;
const CONTENT_CHARACTERS: usize = 20_000;
const CONTENT_BYTES: usize = 1_000_000;
const LINK_BYTES: usize = 1024;

/// One article of a draft, checked; `text` is the request as it was spelled.
pub(super) fn article(state: &State, value: &Value, text: &str) -> Result<FakeArticle, Refused> {
    let Value::Object(fields) = value else {
        return Err(Refused::new(44003, "empty news data"));
    };
    let field = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| fields.get(name).and_then(Value::as_i64).unwrap_or(0);
    let kind = field("article_type");
    if !matches!(kind, "" | "news") {
        return Err(Refused::new(40035, "invalid article_type"));
    }
    title(state.strictness.titles, field("title"), text)?;
    digest(state.strictness.digests, field("digest"))?;
    if field("author").chars().count() > AUTHOR {
        return Err(Refused::new(45110, "author size out of limit"));
    }
    content(field("content"))?;
    if field("content_source_url").len() > LINK_BYTES {
        return Err(Refused::new(45005, "url size out of limit"));
    }
    if !state.material.contains_key(field("thumb_media_id")) {
        return Err(Refused::new(40007, "invalid media_id, thumb_media_id"));
    }
    let crops = ["pic_crop_235_1", "pic_crop_1_1"].map(|name| field(name).to_owned());
    if !crops.iter().all(|crop| crop.is_empty() || is_crop(crop)) {
        return Err(Refused::new(53402, "crop cover failed"));
    }
    Ok(FakeArticle {
        title: field("title").to_owned(),
        author: field("author").to_owned(),
        digest: field("digest").to_owned(),
        content: super::filter::stored(field("content")),
        content_source_url: field("content_source_url").to_owned(),
        thumb_media_id: field("thumb_media_id").to_owned(),
        crops,
        need_open_comment: number("need_open_comment"),
        only_fans_can_comment: number("only_fans_can_comment"),
    })
}

fn title(titles: Titles, title: &str, text: &str) -> Result<(), Refused> {
    let length = title.chars().count();
    let fits = match titles {
        Titles::Characters64 => length <= 64,
        Titles::Characters32 => length <= 32,
        Titles::Spelled64 => spelled_titles(text).iter().all(|title| title.chars().count() <= 64),
    };
    if fits { Ok(()) } else { Err(Refused::new(45003, "title size out of limit")) }
}

/// Every `title` as the request spells it, between its quotes.
fn spelled_titles(text: &str) -> Vec<&str> {
    text.split("\"title\":").skip(1).filter_map(spelled).collect()
}

/// What stands between the quotes that `text` begins with, escapes and all.
fn spelled(text: &str) -> Option<&str> {
    let text = text.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let end = text.find(|c| {
        let is_end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    })?;
    Some(&text[..end])
}

fn digest(digests: Digests, digest: &str) -> Result<(), Refused> {
    let fits = match digests {
        Digests::Characters128 => digest.chars().count() <= 128,
        Digests::Bytes120 => digest.len() <= 120,
        Digests::Bytes54 => digest.len() <= 54,
        Digests::None => digest.is_empty(),
    };
    if fits { Ok(()) } else { Err(Refused::new(45004, "description size out of limit")) }
}

fn content(content: &str) -> Result<(), Refused> {
    if content.len() >= CONTENT_BYTES || content.chars().count() >= CONTENT_CHARACTERS {
        return Err(Refused::new(45002, "content size out of limit"));
    }
    let lower = content.to_ascii_lowercase();
    if lower.contains("<html") || lower.contains("<!doctype") || lower.contains("<body") {
        return Err(Refused::new(47001, "data format error, content is a whole page"));
    }
    Ok(())
}

/// `X1_Y1_X2_Y2`, parts of one with at most six decimals, from the top left.
fn is_crop(text: &str) -> bool {
    let part = |text: &str| {
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let number: Option<f64> = text.parse().ok().filter(|_| plain && decimals <= 6);
        number.filter(|number| (0.0..=1.0).contains(number))
    };
    let parts: Option<Vec<f64>> = text.split('_').map(part).collect();
    matches!(parts.as_deref(), Some([x1, y1, x2, y2]) if x1 < x2 && y1 < y2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crops_are_parts_of_one() {
        for fine in ["0_0_1_1", "0.287222_0_0.712778_1"] {
            assert!(is_crop(fine), "{fine}");
        }
        for bad in [
            "",
            "0_0_1",
            "0_0_1_1_1",
            "0_0_0_1",
            "0_0_1.1_1",
            "-0_0_1_1",
            "0.2872221_0_1_1",
            "a_0_1_1",
            "1e-1_0_1_1",
        ] {
            assert!(!is_crop(bad), "{bad}");
        }
    }

    #[test]
    fn spelled_titles_count_their_escapes() {
        let ten = "\\u5de5".repeat(10);
        let text = format!(r#"{{"articles":[{{"title": "{ten}"}},{{"title":"a\"b"}}]}}"#);
        assert_eq!(spelled_titles(&text), [ten.as_str(), "a\\\"b"]);
        assert_eq!(ten.chars().count(), 60);
    }
}
