//! One change of an item as webhooks post it: what the cursor API tells of it, in the envelope of
//! Standard Webhooks.

use serde::Serialize;

use crate::model::{BEIJING, Custody, Event, Item};

use super::PublicSite;
use super::api::{Became, Change, Names, change};
use super::held::Files;

/// The envelope of a webhook (Standard Webhooks, "payload structure").
#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Change<'a>,
}

fn event_name(event: Event) -> &'static str {
    match event {
        Event::New => "item.new",
        Event::Revised => "item.revised",
        Event::Withdrawn => "item.withdrawn",
    }
}

/// The last change of `item` in the envelope of a webhook. The same item gives the same bytes.
pub fn notice(item: &Item, names: &Names, custody: &Custody, site: &PublicSite) -> Vec<u8> {
    // What nobody is to hear of is not sent; taken back is what is safe to say of it.
    let event = Event::of(item).unwrap_or(Event::Withdrawn);
    let became = if event == Event::Withdrawn { Became::Withdrawn } else { Became::Live };
    let envelope = Envelope {
        r#type: event_name(event),
        timestamp: item.revised.with_timezone(&BEIJING).to_rfc3339(),
        data: change(item, became, names, Files::of(item, custody, site), site),
    };
    serde_json::to_vec(&envelope).expect("texts and numbers can be written")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::api::changes;
    use super::super::tests::{item, site};
    use super::*;
    use crate::model::ItemState;

    fn told(item: &Item) -> Value {
        let (names, custody) = (Names::default(), Custody::default());
        serde_json::from_slice(&notice(item, &names, &custody, &site())).unwrap()
    }

    #[test]
    fn of_a_withdrawn_item_nothing_is_told_that_it_said() {
        let live = item(7, "标题 <b>", "<p>正文</p>");
        let withdrawn = Item { state: ItemState::Withdrawn, ..live.clone() };
        let told = told(&withdrawn);
        assert_eq!(told["type"], "item.withdrawn");
        assert_eq!(told["timestamp"], "2026-11-04T10:00:00+08:00");
        let data = &told["data"];
        let name = (&data["id"], &data["state"], &data["seq"]);
        assert_eq!(name, (&json!("tag:feeds.test,2026:js/7"), &json!("withdrawn"), &json!(7)));
        for said in ["title", "html", "text", "summary", "credit", "images", "attachments"] {
            assert!(data.get(said).is_none(), "{said}");
        }
    }

    #[test]
    fn an_item_is_told_under_its_event_as_the_cursor_tells_it() {
        let first = item(7, "标题 <b>", "<p>正文</p>");
        let second = Item { revision: 2, ..first.clone() };
        assert_eq!(told(&first)["type"], "item.new");
        let told = told(&second);
        assert_eq!(told["type"], "item.revised");
        assert_eq!(told["data"]["title"], "标题 <b>");
        let (names, custody, site) = (Names::default(), Custody::default(), site());
        let live = std::iter::once((&second, Became::Live));
        let answer = changes(live, 7, false, &names, &custody, &site);
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(told["data"], answer["items"][0]);
    }
}
