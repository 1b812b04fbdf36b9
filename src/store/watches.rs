//! Which articles are looked at again, and what became of it.

use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

use crate::model::Draft;

use super::StoreError;
use super::findings::Terms;
use super::row::seconds;

/// A new article that was read whole is looked at again by and by.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    ordinal: i64,
    draft: &Draft,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(first) = terms.first_look.filter(|_| !draft.partial) else { return Ok(()) };
    let url = draft.aliases.first().unwrap_or(&draft.url);
    transaction
        .prepare_cached(
            "INSERT INTO watch VALUES (?1, ?2, ?3, 0, ?4, 0, 0, 0, NULL) ON CONFLICT DO NOTHING",
        )?
        .execute(params![ordinal, draft.column.to_string(), url.as_str(), seconds(now + first)])?;
    Ok(())
}
