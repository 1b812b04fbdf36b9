//! How items are written into rows and read back.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::{
    Attachment, BEIJING, ColumnId, Draft, Image, Item, ItemId, ItemState, Posted, SiteId,
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
       (SELECT column_id FROM listed WHERE listed.ordinal = item.ordinal ORDER BY place))";

/// Reads a row of [`COLUMNS`].
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
        state: if state == "live" { ItemState::Live } else { ItemState::Withdrawn },
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
