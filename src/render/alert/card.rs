//! A card of 飞书. What comes from elsewhere is `plain_text`, in which nothing means anything.

use serde_json::{Value, json};

use super::said::{Line, Measure, Mood, Said};

pub(super) fn card(said: &Said, measure: &Measure) -> Value {
    let colour = match said.mood {
        Mood::Bad => "red",
        Mood::Good => "green",
        Mood::Test => "blue",
    };
    // One element a kind of problem: a card has so many elements at most.
    let mut elements: Vec<Value> = Vec::new();
    let mut text: Vec<String> = Vec::new();
    for line in said.lines(measure) {
        if matches!(line, Line::Head(_)) && !text.is_empty() {
            elements.push(block(&std::mem::take(&mut text)));
        }
        text.push(match line {
            Line::Head(text) => format!("■ {text}"),
            Line::Place(text) => format!("· {text}"),
            Line::Found(text) | Line::Hint(text) | Line::More(text) => text,
        });
    }
    elements.push(block(&text));
    let (words, address) = &said.link;
    elements.push(json!({
        "tag": "action",
        "actions": [{
            "tag": "button",
            "type": "default",
            "url": address,
            "text": { "tag": "plain_text", "content": words },
        }],
    }));
    json!({
        "config": { "wide_screen_mode": true },
        "header": {
            "template": colour,
            "title": { "tag": "plain_text", "content": said.title },
        },
        "elements": elements,
    })
}

fn block(lines: &[String]) -> Value {
    json!({ "tag": "div", "text": { "tag": "plain_text", "content": lines.join("\n") } })
}
