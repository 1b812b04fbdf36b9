//! What differs between an item as it is stored and as it reads today.

use crate::model::{Attachment, Draft, Image, Item};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name, as in `extract --jsonl`; `partial` for a row that becomes an article, `html` where
    /// markup differs and no word.
    pub field: &'static str,
    /// As stored; one line, except of `text`.
    pub was: String,
    /// As read today.
    pub now: String,
}

impl Difference {
    /// All fields in which `draft` differs from `item`.
    pub fn all(item: &Item, draft: &Draft) -> Vec<Self> {
        let body = &draft.body;
        let html = match item.text == body.text {
            true => (item.html.clone(), body.html.clone()),
            // Said by the text already.
            false => Default::default(),
        };
        let fields = [
            ("partial", item.partial.to_string(), draft.partial.to_string()),
            ("url", item.url.to_string(), draft.url.to_string()),
            ("title", item.title.clone(), draft.title.clone()),
            ("posted", text(item.posted.as_ref()), text(draft.posted.as_ref())),
            ("credit", text(item.credit.as_ref()), text(draft.credit.as_ref())),
            ("author", text(item.author.as_ref()), text(draft.author.as_ref())),
            ("editor", text(item.editor.as_ref()), text(draft.editor.as_ref())),
            ("photographer", text(item.photographer.as_ref()), text(draft.photographer.as_ref())),
            ("attribution", item.attribution.clone(), draft.attribution.clone()),
            ("breadcrumb", item.breadcrumb.join(" > "), draft.breadcrumb.join(" > ")),
            ("text", item.text.clone(), body.text.clone()),
            ("html", html.0, html.1),
            ("summary", item.summary.clone(), draft.summary.clone()),
            ("images", images(&item.images), images(&body.images)),
            ("attachments", files(&item.attachments), files(&body.attachments)),
        ];
        let differ = fields.into_iter().filter(|(_, was, now)| was != now);
        differ.map(|(field, was, now)| Self { field, was, now }).collect()
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn images(images: &[Image]) -> String {
    let each = |image: &Image| match image.caption.as_str() {
        "" => image.url.to_string(),
        caption => format!("{} ({caption})", image.url),
    };
    images.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn files(files: &[Attachment]) -> String {
    let each = |file: &Attachment| format!("{} ({})", file.url, file.name);
    files.iter().map(each).collect::<Vec<_>>().join(", ")
}
