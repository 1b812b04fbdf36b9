//! The draft box.

use serde_json::{Value, json};

use super::check::{self, ARTICLES};
use super::state::{FakeArticle, FakeDraft, Outcome, Refused, State, done};

/// Without a summary the beginning of the text is one (characters).
const DIGEST: usize = 54;
/// Drafts in one answer.
const PAGE: u64 = 20;

/// `draft/add`.
pub(super) fn add(state: &mut State, body: &Value, text: &str) -> Outcome {
    let articles = body.get("articles").and_then(Value::as_array).filter(|list| !list.is_empty());
    let articles = articles.ok_or_else(|| Refused::new(44003, "empty news data"))?;
    if articles.len() > ARTICLES {
        return Err(Refused::new(45008, "article size out of limit"));
    }
    let articles: Result<Vec<FakeArticle>, Refused> =
        articles.iter().map(|article| check::article(state, article, text)).collect();
    let mut articles = articles?;
    fill(&mut articles);
    let now = state.now.timestamp();
    let media_id = state.name();
    let draft =
        FakeDraft { media_id: media_id.clone(), articles, create_time: now, update_time: now };
    state.drafts.insert(media_id.clone(), draft);
    Ok(json!({ "media_id": media_id, "item": [] }))
}

/// `draft/update`: one article, as an object.
pub(super) fn update(state: &mut State, body: &Value, text: &str) -> Outcome {
    let media_id = known(state, body)?;
    let article = body.get("articles").unwrap_or(&Value::Null);
    let article = check::article(state, article, text)?;
    let index = body.get("index").and_then(Value::as_u64).unwrap_or(0);
    let now = state.now.timestamp();
    let draft = state.drafts.get_mut(&media_id).ok_or_else(unknown)?;
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let place = draft.articles.get_mut(index);
    *place.ok_or_else(|| Refused::new(40114, "invalid index value"))? = article;
    fill(&mut draft.articles);
    draft.update_time = now.max(draft.update_time);
    done()
}

/// `draft/get`.
pub(super) fn get(state: &State, body: &Value, base: &str) -> Outcome {
    let media_id = known(state, body)?;
    let draft = state.drafts.get(&media_id).ok_or_else(unknown)?;
    let mut answer = content(state, draft, base, true);
    answer["create_time"] = draft.create_time.into();
    answer["update_time"] = draft.update_time.into();
    Ok(answer)
}

/// `draft/batchget`: newest first.
pub(super) fn list(state: &State, body: &Value, base: &str) -> Outcome {
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let (offset, count) = (number("offset").unwrap_or(0), number("count").unwrap_or(0));
    if !(1..=PAGE).contains(&count) {
        return Err(Refused::new(40035, "invalid count"));
    }
    let with_content = number("no_content") != Some(1);
    let (offset, count) = (usize::try_from(offset).unwrap_or(usize::MAX), count as usize);
    let drafts = state.drafts_by_age().skip(offset).take(count);
    let items: Vec<Value> = drafts
        .map(|draft| {
            let content = content(state, draft, base, with_content);
            json!({
                "media_id": draft.media_id, "content": content, "update_time": draft.update_time,
            })
        })
        .collect();
    Ok(json!({ "total_count": state.drafts.len(), "item_count": items.len(), "item": items }))
}

/// `draft/count`.
pub(super) fn count(state: &State) -> Outcome {
    Ok(json!({ "total_count": state.drafts.len() }))
}

/// `draft/delete`.
pub(super) fn delete(state: &mut State, body: &Value) -> Outcome {
    let media_id = known(state, body)?;
    state.drafts.remove(&media_id);
    done()
}

/// The draft that a request names.
pub(super) fn known(state: &State, body: &Value) -> Result<String, Refused> {
    let media_id = body.get("media_id").and_then(Value::as_str).unwrap_or_default();
    state.drafts.contains_key(media_id).then(|| media_id.to_owned()).ok_or_else(unknown)
}

fn unknown() -> Refused {
    Refused::new(40007, "invalid media_id")
}

/// The platform writes the summary itself where there is none and one article alone.
fn fill(articles: &mut [FakeArticle]) {
    if let [article] = articles
        && article.digest.is_empty()
    {
        let text = super::filter::text(&article.content);
        article.digest = text.chars().take(DIGEST).collect();
    }
}

fn content(state: &State, draft: &FakeDraft, base: &str, with_content: bool) -> Value {
    let articles = draft.articles.iter().enumerate().map(|(index, article)| {
        let cover = state.material.get(&article.thumb_media_id);
        let cover = cover.map(|path| format!("http://{}/{path}", super::upload::HOST));
        json!({
            "title": article.title,
            "author": article.author,
            "digest": article.digest,
            "content": if with_content { article.content.as_str() } else { "" },
            "content_source_url": article.content_source_url,
            "thumb_media_id": article.thumb_media_id,
            "show_cover_pic": 0,
            "url": format!("{base}draft/{}/{}", draft.media_id, index + 1),
            "thumb_url": cover.unwrap_or_default(),
            "need_open_comment": article.need_open_comment,
            "only_fans_can_comment": article.only_fans_can_comment,
        })
    });
    json!({ "news_item": articles.collect::<Vec<Value>>() })
}
