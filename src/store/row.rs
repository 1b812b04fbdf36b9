//! How items are written into rows and read back.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::{
    Attachment, BEIJING, Cause, ColumnId, Draft, Extent, Image, Item, ItemId, ItemState, Posted,
    SiteId, Withdrawal,
};

use super::StoreError;

/// The part of an item that no query looks into, kept as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Content {
    url: Url,
    credit: Option<String>,
    author: Option<String>,
    editor: Option<String>,
    photographer: Option<String>,
    attribution: String,
    posted: Option<Posted>,
    breadcrumb: Vec<String>,
    html: String,
    text: String,
    summary: String,
    images: Vec<Image>,
    attachments: Vec<Attachment>,
}

impl From<&Draft> for Content {
    fn from(draft: &Draft) -> Self {
        Self {
            url: draft.url.clone(),
            credit: draft.credit.clone(),
            author: draft.author.clone(),
            editor: draft.editor.clone(),
            photographer: draft.photographer.clone(),
            attribution: draft.attribution.clone(),
            posted: draft.posted,
            breadcrumb: draft.breadcrumb.clone(),
            html: draft.body.html.clone(),
            text: draft.body.text.clone(),
            summary: draft.summary.clone(),
            images: draft.body.images.clone(),
            attachments: draft.body.attachments.clone(),
        }
    }
}

/// The columns of `item` in the order [`item`] reads them.
pub(super) const COLUMNS: &str = "item.ordinal, item.id, item.seq, item.revision, item.site, \
     item.key, item.published, item.first_seen, item.revised, item.hash, item.partial, \
     item.state, item.title, item.content, \
     (SELECT group_concat(column_id, ' ') FROM \
       (SELECT column_id FROM listed WHERE listed.ordinal = item.ordinal ORDER BY place)), \
     item.extent, \
     CASE WHEN item.state IN ('withdrawn', 'dropped') THEN \
       (SELECT json_array(taken, cause, person, reason, purged) FROM withdrawal \
        WHERE withdrawal.ordinal = item.ordinal) END, \
     (SELECT json_group_array(json_object('id', twin.id, 'site', twin.site, 'key', twin.key, \
         'url', json_extract(twin.content, '$.url')) ORDER BY other.place) \
      FROM telling AS own JOIN telling AS other ON other.story = own.story \
      JOIN item AS twin ON twin.ordinal = other.ordinal \
      WHERE own.ordinal = item.ordinal AND other.ordinal <> own.ordinal \
        AND twin.state = 'live')";

/// Items that are public, or were: what readers may hear of.
pub(super) const HEARD_OF: &str = "state IN ('live', 'withdrawn')";

/// Reads a row of [`COLUMNS`] whole, as operators see it.
pub(super) fn item(row: &Row<'_>) -> Result<Item, StoreError> {
    let content: Content = serde_json::from_str(row.get_ref(13)?.as_str().map_err(corrupt)?)?;
    let columns: Option<String> = row.get(14)?;
    let columns: Vec<ColumnId> =
        columns.unwrap_or_default().split(' ').filter_map(|id| id.parse().ok()).collect();
    let site: SiteId = row.get::<_, String>(4)?.parse().map_err(corrupt)?;
    let state: String = row.get(11)?;
    Ok(Item {
        ordinal: unsigned(row.get(0)?),
        id: ItemId::from_tag_uri(row.get(1)?),
        seq: unsigned(row.get(2)?),
        revision: row.get(3)?,
        site,
        key: row.get(5)?,
        published: time(row.get(6)?).with_timezone(&BEIJING),
        first_seen: time(row.get(7)?),
        revised: time(row.get(8)?),
        hash: row.get(9)?,
        partial: row.get(10)?,
        state: match state.as_str() {
            "live" => ItemState::Live,
            "held" => ItemState::Held,
            _ => ItemState::Withdrawn,
        },
        withdrawn: withdrawal(row.get(16)?)?,
        extent: extent(row.get_ref(15)?.as_str().map_err(corrupt)?),
        also_at: serde_json::from_str(row.get_ref(17)?.as_str().map_err(corrupt)?)?,
        title: row.get(12)?,
        columns,
        url: content.url,
        credit: content.credit,
        author: content.author,
        editor: content.editor,
        photographer: content.photographer,
        attribution: content.attribution,
        posted: content.posted,
        breadcrumb: content.breadcrumb,
        html: content.html,
        text: content.text,
        summary: content.summary,
        images: content.images,
        attachments: content.attachments,
    })
}

/// Reads a row of [`COLUMNS`] as readers see it: of an item that is not live nothing but that there
/// was one, of one whose site permits no more the summary.
pub(super) fn public_item(row: &Row<'_>) -> Result<Item, StoreError> {
    let mut item = item(row)?;
    let is_live = item.state == ItemState::Live;
    if is_live && item.extent == Extent::Full {
        return Ok(item);
    }
    item.html = match item.summary.is_empty() {
        false if is_live => format!("<p>{}</p>", escaped(&item.summary)),
        _ => String::new(),
    };
    item.text = item.summary.clone();
    item.images.clear();
    item.attachments.clear();
    if !is_live {
        for text in [&mut item.title, &mut item.text, &mut item.summary, &mut item.attribution] {
            text.clear();
        }
        for name in [&mut item.credit, &mut item.author, &mut item.editor, &mut item.photographer] {
            *name = None;
        }
        item.breadcrumb.clear();
        item.also_at.clear();
        item.hash.clear();
        // Who and why is for operators.
        if let Some(withdrawn) = &mut item.withdrawn {
            withdrawn.by = None;
            withdrawn.reason = None;
        }
    }
    Ok(item)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn withdrawal(stored: Option<String>) -> Result<Option<Withdrawal>, StoreError> {
    type Stored = (i64, String, Option<String>, Option<String>, i64);
    let Some(stored) = stored else { return Ok(None) };
    let (taken, cause, by, reason, purged): Stored = serde_json::from_str(&stored)?;
    Ok(Some(Withdrawal {
        when: time(taken),
        why: self::cause(&cause),
        by,
        reason,
        purged: purged != 0,
    }))
}

/// Why an item was withdrawn; only a word of ours means that its origin said so.
pub(super) fn cause(stored: &str) -> Cause {
    if stored == Cause::Gone.as_str() { Cause::Gone } else { Cause::ByHand }
}

/// How an extent is stored.
pub(super) fn extent(stored: &str) -> Extent {
    if stored == "summary" { Extent::Summary } else { Extent::Full }
}

/// Seconds since 1970, as stored.
pub(super) fn seconds(time: DateTime<Utc>) -> i64 {
    time.timestamp()
}

/// The stored time; times are whole seconds.
pub(super) fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// Stored numbers that count up from one are never negative.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A number as SQLite keeps it.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
