//! The feed of problems for operators (RFC 4287): each opening and each healing is an entry.

use atom_syndication::{Category, Content, Entry, Feed, Link, Person, Text, WriteConfig};
use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use url::Url;

use crate::model::{BEIJING, Document, Format, Notice};
use crate::text::sentence::{self, alert};

use super::super::RenderError;
use super::super::escape::{DECLARATION, finish, line};
use super::Voice;
use super::mail::quoted;
use super::said::{minute, place, plain};

/// The feed of `notices`, the newest first, as it is to be found at `address`.
pub fn problems_feed(
    notices: &[(u64, Notice)],
    address: &Url,
    voice: &Voice<'_>,
) -> Result<Document, RenderError> {
    let newest = notices.iter().map(|(_, notice)| notice.at()).max();
    let link = |rel: &str, href: &Url, media_type: &str| Link {
        href: line(href.as_str()),
        rel: rel.to_owned(),
        mime_type: Some(media_type.to_owned()),
        ..Link::default()
    };
    let media_type = Format::Atom.media_type();
    let bare = media_type.split(';').next().unwrap_or_default();
    let feed = Feed {
        title: text(&alert::feed_title(voice.title, voice.lang)),
        id: line(address.as_str()),
        // A feed without entries has never changed; the format wants a time all the same.
        updated: in_beijing(newest.unwrap_or_default()),
        authors: vec![Person { name: "lianbo".to_owned(), ..Person::default() }],
        links: vec![link("self", address, bare), link("alternate", voice.status, "text/html")],
        entries: notices.iter().map(|(number, notice)| entry(*number, notice, voice)).collect(),
        ..Feed::default()
    };
    let fault = |what: String| RenderError::Format { path: "problems.atom".to_owned(), what };
    let config = WriteConfig { write_document_declaration: false, indent_size: None };
    let written =
        feed.write_with_config(Vec::new(), config).map_err(|error| fault(error.to_string()))?;
    let written = String::from_utf8(written).map_err(|error| fault(error.to_string()))?;
    Ok(Document {
        path: "problems.atom".to_owned(),
        media_type,
        bytes: format!("{DECLARATION}{}\n", finish(&written)).into_bytes().into(),
    })
}

fn entry(number: u64, notice: &Notice, voice: &Voice<'_>) -> Entry {
    let sentence = sentence::problem(notice.code, voice.lang);
    let place = place(&notice.subject, voice);
    let healed = notice.healed.is_some();
    let time = match notice.healed {
        Some(over) => alert::span(&minute(notice.since), &minute(over), voice.lang),
        None => alert::since(&minute(notice.since), voice.lang),
    };
    let mut lines = vec![format!("{place} {time}"), sentence.what.to_owned()];
    if !notice.detail.is_empty() {
        lines.push(format!("{}{}", alert::found(voice.lang), notice.detail));
    }
    if !healed {
        lines.push(format!("{}{}", alert::advice(voice.lang), sentence.hint));
    }
    Entry {
        title: text(&alert::entry_title(sentence.what, &place, healed, voice.lang)),
        id: id(number, notice),
        updated: in_beijing(notice.at()),
        published: Some(in_beijing(notice.at())),
        categories: vec![Category { term: notice.code.as_str().to_owned(), ..Category::default() }],
        links: vec![Link {
            href: line(voice.status.as_str()),
            rel: "alternate".to_owned(),
            mime_type: Some("text/html".to_owned()),
            ..Link::default()
        }],
        content: Some(Content {
            value: Some(lines.iter().map(|text| paragraph(text)).collect()),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// A UUID (RFC 9562 §5.8) made of what the entry is about: it follows from no address and no
/// setting, and a database that begins anew repeats none.
fn id(number: u64, notice: &Notice) -> String {
    let Notice { code, subject, since, healed, .. } = notice;
    let healed = healed.map(|time| time.timestamp());
    let text = format!("{number} {} {subject} {} {healed:?}", code.as_str(), since.timestamp());
    let hash = blake3::hash(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", quoted(&plain(text)))
}

fn text(value: &str) -> Text {
    Text { value: line(value), ..Text::default() }
}

fn in_beijing(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    time.with_timezone(&BEIJING).trunc_subsecs(0)
}
