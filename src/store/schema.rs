//! The tables, as numbered steps; `user_version` tells which were taken.

use rusqlite::Connection;
use rusqlite_migration::{Error, M, Migrations};

use super::StoreError;

/// Step N brings a database from version N-1 to N. A released step is never edited.
const STEPS: &[M<'_>] = &[
    M::up(include_str!("schema/01.sql")),
    M::up(include_str!("schema/02.sql")),
    M::up(include_str!("schema/03.sql")),
    M::up(include_str!("schema/04.sql")),
    M::up(include_str!("schema/05.sql")),
    M::up(include_str!("schema/06.sql")),
    M::up(include_str!("schema/07.sql")),
    M::up(include_str!("schema/08.sql")),
    M::up(include_str!("schema/09.sql")),
    M::up(include_str!("schema/10.sql")),
    M::up(include_str!("schema/11.sql")),
    M::up(include_str!("schema/12.sql")),
    M::up(include_str!("schema/13.sql")),
    M::up(include_str!("schema/14.sql")),
    M::up(include_str!("schema/15.sql")),
    M::up(include_str!("schema/16.sql")),
];

/// The schema that this program works with.
pub fn known() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// The schema of a database.
pub(super) fn found(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a database of another version of the program.
pub(super) fn current(connection: &Connection) -> Result<(), StoreError> {
    let (known, found) = (known(), found(connection)?);
    if found == known { Ok(()) } else { Err(StoreError::Newer { found, known }) }
}

/// Brings the database up to date; refuses one of a later program.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let (known, found) = (known(), found(connection)?);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| match error {
        Error::RusqliteError { err, .. } => err.into(),
        other => StoreError::Corrupt(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_can_be_taken() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }
}
