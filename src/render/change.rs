//! One change of an item as JSON: what webhooks post, and what programs that follow `seq` read.

use serde::Serialize;

use crate::model::{BEIJING, Custody, Event, Item, ItemState};
use crate::text::plain;

use super::PublicSite;
use super::held::Files;
use super::json::media_type;
use super::parts;

/// A change: the item as it is now, under the number of its last change. Of one that is not offered
/// only its name is told.
#[derive(Debug, Serialize)]
struct Change<'a> {
    seq: u64,
    state: ItemState,
    id: &'a str,
    site: &'a str,
    revision: u32,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    item: Option<Said>,
}

/// What an item says while it is offered.
#[derive(Debug, Serialize)]
struct Said {
    columns: Vec<String>,
    /// The article at its origin.
    url: String,
    /// Its page here.
    page: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    editor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    photographer: Option<String>,
    attribution: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted: Option<String>,
    published: String,
    first_seen: String,
    revised: String,
    breadcrumb: Vec<String>,
    summary: String,
    html: String,
    text: String,
    images: Vec<Picture>,
    attachments: Vec<File>,
    partial: bool,
}

#[derive(Debug, Serialize)]
struct Picture {
    url: String,
    alt: String,
    caption: String,
}

#[derive(Debug, Serialize)]
struct File {
    url: String,
    name: String,
    media_type: &'static str,
}

/// The envelope of a webhook (Standard Webhooks, "payload structure").
#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Change<'a>,
}

/// The name of an event in the envelope of a webhook.
pub fn event_name(event: Event) -> &'static str {
    match event {
        Event::New => "item.new",
        Event::Revised => "item.revised",
        Event::Withdrawn => "item.withdrawn",
    }
}

/// The last change of `item`, as a JSON object.
pub fn change(item: &Item, custody: &Custody, site: &PublicSite) -> serde_json::Value {
    serde_json::to_value(of(item, custody, site)).unwrap_or_default()
}

/// The last change of `item` in the envelope of a webhook. The same item gives the same bytes.
pub fn notice(item: &Item, custody: &Custody, site: &PublicSite) -> Vec<u8> {
    let envelope = Envelope {
        // What nobody is to hear of is not sent; taken back is what is safe to say of it.
        r#type: event_name(Event::of(item).unwrap_or(Event::Withdrawn)),
        timestamp: item.revised.with_timezone(&BEIJING).to_rfc3339(),
        data: of(item, custody, site),
    };
    serde_json::to_vec(&envelope).unwrap_or_default()
}

fn of<'a>(item: &'a Item, custody: &'a Custody, site: &'a PublicSite) -> Change<'a> {
    Change {
        seq: item.seq,
        state: item.state,
        id: item.id.as_str(),
        site: item.site.as_str(),
        revision: item.revision,
        item: (item.state == ItemState::Live)
            .then(|| said(item, Files::of(item, custody, site), site)),
    }
}

fn said<'a>(item: &'a Item, files: Files<'a>, site: &PublicSite) -> Said {
    let line = |text: &Option<String>| text.as_deref().map(plain::one_line);
    let images = files.pictures().map(|shown| Picture {
        url: shown.url,
        alt: plain::one_line(&shown.named.alt),
        caption: plain::one_line(&shown.named.caption),
    });
    let attachments = files.attachments().map(|shown| File {
        url: shown.url,
        name: plain::one_line(&shown.named.name),
        media_type: media_type(shown.named.url.path()),
    });
    Said {
        columns: item.columns.iter().map(ToString::to_string).collect(),
        url: parts::address(&item.url),
        page: parts::item_url(site, item),
        title: plain::one_line(&item.title),
        credit: line(&item.credit),
        author: line(&item.author),
        editor: line(&item.editor),
        photographer: line(&item.photographer),
        attribution: plain::one_line(&item.attribution),
        posted: item.posted.map(|posted| posted.to_string()),
        published: item.published.to_rfc3339(),
        first_seen: item.first_seen.with_timezone(&BEIJING).to_rfc3339(),
        revised: item.revised.with_timezone(&BEIJING).to_rfc3339(),
        breadcrumb: item.breadcrumb.iter().map(|name| plain::one_line(name)).collect(),
        summary: plain::one_line(parts::summary(item)),
        html: parts::content(item, files, site.lang),
        text: plain::clean(&item.text),
        images: images.collect(),
        attachments: attachments.collect(),
        partial: item.partial,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{item, site};
    use super::*;

    fn told(item: &Item) -> Value {
        serde_json::from_slice(&notice(item, &Custody::default(), &site())).unwrap()
    }

    #[test]
    fn of_a_withdrawn_item_only_its_name_is_told() {
        let live = item(7, "标题 <b>", "<p>正文</p>");
        let withdrawn = Item { state: ItemState::Withdrawn, ..live.clone() };
        let data = json!({
            "seq": 7,
            "state": "withdrawn",
            "id": "tag:feeds.test,2026:js/7",
            "site": "js",
            "revision": 1,
        });
        let told = told(&withdrawn);
        assert_eq!((&told["type"], &told["data"]), (&json!("item.withdrawn"), &data));
        assert_eq!(told["timestamp"], "2026-11-04T10:00:00+08:00");
    }

    #[test]
    fn an_item_is_told_under_its_event_with_all_it_says() {
        let first = item(7, "标题 <b>", "<p>正文</p>");
        let second = Item { revision: 2, ..first.clone() };
        assert_eq!(told(&first)["type"], "item.new");
        let told = told(&second);
        assert_eq!(
            (&told["type"], &told["data"]["state"]),
            (&json!("item.revised"), &json!("live"))
        );
        let data = &told["data"];
        assert_eq!(data["title"], "标题 <b>");
        assert_eq!(data["page"], "http://feeds.test/items/js/7");
        assert!(data["html"].as_str().unwrap().starts_with("<p>正文</p>"));
        assert_eq!(
            data["attachments"],
            json!([{"url": "http://js.test/a.pdf", "name": "附件 <1>.pdf", "media_type": "application/pdf"}])
        );
        assert_eq!(data["images"][0]["caption"], "说明 \"引号\" <b>");
        assert_eq!(change(&second, &Custody::default(), &site()), told["data"]);
        assert!(data.get("author").is_none());
    }
}
