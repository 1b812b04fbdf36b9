//! The tables, as numbered steps; `user_version` tells which were taken.

use rusqlite::Connection;
use rusqlite_migration::{Error, M, Migrations};

use super::StoreError;

/// Step N brings a database from version N-1 to N. A released step is never edited.
const STEPS: &[M<'_>] = &[
    M::up(
        "
CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE item (
  ordinal      INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT NOT NULL UNIQUE,
  seq          INTEGER NOT NULL UNIQUE,
  revision     INTEGER NOT NULL,
  site         TEXT NOT NULL,
  key          TEXT NOT NULL,
  published    INTEGER NOT NULL,
  first_seen   INTEGER NOT NULL,
  revised      INTEGER NOT NULL,
  hash         TEXT NOT NULL,
  partial      INTEGER NOT NULL,
  state        TEXT NOT NULL,
  title        TEXT NOT NULL,
  content      TEXT NOT NULL,
  UNIQUE (site, key)
) STRICT;
CREATE INDEX item_newest ON item (published DESC, ordinal DESC) WHERE state = 'live';
CREATE INDEX item_newest_of_site ON item (site, published DESC, ordinal DESC) WHERE state = 'live';
CREATE INDEX item_arrival ON item (first_seen) WHERE state = 'live';
CREATE INDEX item_arrival_of_site ON item (site, first_seen) WHERE state = 'live';
-- In which columns an item was listed; times are copied from the item, where they never move.
CREATE TABLE listed (
  column_id    TEXT NOT NULL,
  ordinal      INTEGER NOT NULL REFERENCES item,
  published    INTEGER NOT NULL,
  first_seen   INTEGER NOT NULL,
  title        TEXT NOT NULL,
  place        INTEGER NOT NULL,
  PRIMARY KEY (column_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_newest ON listed (column_id, published DESC, ordinal DESC);
CREATE INDEX listed_arrival ON listed (column_id, first_seen);
CREATE INDEX listed_of_item ON listed (ordinal);
CREATE TABLE alias (
  site         TEXT NOT NULL,
  address      TEXT NOT NULL,
  ordinal      INTEGER NOT NULL REFERENCES item,
  PRIMARY KEY (site, address)
) STRICT, WITHOUT ROWID;
CREATE TABLE revision (
  ordinal      INTEGER NOT NULL REFERENCES item,
  revision     INTEGER NOT NULL,
  until        INTEGER NOT NULL,
  title        TEXT NOT NULL,
  content      TEXT NOT NULL,
  PRIMARY KEY (ordinal, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE page (
  url          TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  final_url    TEXT NOT NULL,
  status       INTEGER NOT NULL,
  content_type TEXT,
  etag         TEXT,
  modified     TEXT,
  fetched      INTEGER NOT NULL,
  body         BLOB NOT NULL
) STRICT;
-- Rows of lists whose article is still to be read.
CREATE TABLE pending (
  column_id    TEXT NOT NULL,
  url          TEXT NOT NULL,
  link         TEXT NOT NULL,
  PRIMARY KEY (column_id, url)
) STRICT, WITHOUT ROWID;
-- Articles that are left alone for a while.
CREATE TABLE visit (
  url          TEXT PRIMARY KEY,
  code         TEXT NOT NULL,
  attempts     INTEGER NOT NULL,
  next_try     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  column_id    TEXT NOT NULL,
  planned      INTEGER,
  started      INTEGER NOT NULL,
  ended        INTEGER,
  outcome      TEXT,
  counts       TEXT
) STRICT;
CREATE INDEX run_of_column ON run (column_id, id DESC);
CREATE TABLE job (
  name         TEXT PRIMARY KEY,
  planned      INTEGER NOT NULL,
  fired        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE problem (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  code         TEXT NOT NULL,
  subject      TEXT NOT NULL,
  detail       TEXT NOT NULL,
  count        INTEGER NOT NULL,
  first_seen   INTEGER NOT NULL,
  last_seen    INTEGER NOT NULL,
  healed       INTEGER
) STRICT;
CREATE UNIQUE INDEX problem_open ON problem (subject, code) WHERE healed IS NULL;
CREATE TABLE document (
  path         TEXT PRIMARY KEY,
  etag         TEXT NOT NULL,
  media_type   TEXT NOT NULL,
  modified     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Documents that are being written: after a kill their bytes may be newer than their record.
CREATE TABLE unsure (path TEXT PRIMARY KEY, media_type TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    ),
    M::up(
        "
-- Selections whose members are kept because no index answers their condition, and up to which
-- change that was done; times are copied from the item, where they never move.
CREATE TABLE selection (
  name         TEXT PRIMARY KEY,
  seq          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE member (
  selection    TEXT NOT NULL,
  ordinal      INTEGER NOT NULL REFERENCES item,
  published    INTEGER NOT NULL,
  first_seen   INTEGER NOT NULL,
  PRIMARY KEY (selection, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_newest ON member (selection, published DESC, ordinal DESC);
CREATE INDEX member_arrival ON member (selection, first_seen);
",
    ),
    M::up(
        "
-- Items taken back. An item's `state` is `live`, `withdrawn`, `held` (never public so far), or
-- `dropped` (withdrawn while it was held).
CREATE TABLE withdrawal (
  ordinal      INTEGER PRIMARY KEY REFERENCES item,
  taken        INTEGER NOT NULL,
  cause        TEXT NOT NULL,
  person       TEXT,
  reason       TEXT,
  purged       INTEGER NOT NULL
) STRICT;
CREATE INDEX withdrawal_taken ON withdrawal (taken);
-- Columns whose feeds are to be published out of turn: something of them was taken back or let out.
CREATE TABLE unpublished (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  column_id    TEXT NOT NULL
) STRICT;
-- Revisions that wait for release; the earlier one stays public.
CREATE TABLE held_revision (
  ordinal      INTEGER PRIMARY KEY REFERENCES item,
  since        INTEGER NOT NULL,
  hash         TEXT NOT NULL,
  partial      INTEGER NOT NULL,
  title        TEXT NOT NULL,
  content      TEXT NOT NULL
) STRICT;
CREATE INDEX item_held ON item (first_seen) WHERE state = 'held';
-- `summary` where a site permits no more.
ALTER TABLE item ADD COLUMN extent TEXT NOT NULL DEFAULT 'full';
-- The revision that was released for a feed that holds; null in other selections.
ALTER TABLE member ADD COLUMN revision INTEGER;
-- Articles that are looked at again: soon after they came, and when they seem to be gone.
CREATE TABLE watch (
  ordinal      INTEGER PRIMARY KEY REFERENCES item,
  column_id    TEXT NOT NULL,
  url          TEXT NOT NULL,
  looks        INTEGER NOT NULL,
  due          INTEGER,
  missed       INTEGER NOT NULL,
  calm         INTEGER NOT NULL,
  signs        INTEGER NOT NULL,
  first_sign   INTEGER
) STRICT;
CREATE INDEX watch_due ON watch (column_id, due) WHERE due IS NOT NULL;
CREATE INDEX watch_missed ON watch (column_id) WHERE missed > 0;
",
    ),
    M::up(
        "
-- What was filed of each feed: how it selects, up to which change, how many live items it has and
-- when one of them last changed.
CREATE TABLE filed (
  slug         TEXT PRIMARY KEY,
  selection    TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  count        INTEGER NOT NULL,
  updated      INTEGER
) STRICT, WITHOUT ROWID;
-- The archives of each feed (RFC 5005), and what stands in them.
CREATE TABLE archive (
  slug         TEXT NOT NULL,
  month        TEXT NOT NULL,
  number       INTEGER NOT NULL,
  closed       INTEGER NOT NULL,
  written      INTEGER NOT NULL,
  dirty        INTEGER NOT NULL,
  PRIMARY KEY (slug, month, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE archived (
  slug         TEXT NOT NULL,
  ordinal      INTEGER NOT NULL REFERENCES item,
  month        TEXT NOT NULL,
  number       INTEGER NOT NULL,
  shown        INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  PRIMARY KEY (slug, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX archived_part ON archived (slug, month, number);
",
    ),
    M::up(
        "
-- What the callbacks of the hub have still to confirm, or to be told.
CREATE TABLE intent (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  topic        TEXT NOT NULL,
  path         TEXT NOT NULL,
  callback     TEXT NOT NULL,
  host         TEXT NOT NULL,
  mode         TEXT NOT NULL,
  secret       BLOB,
  lease        INTEGER NOT NULL,
  reason       TEXT NOT NULL,
  known        TEXT NOT NULL,
  attempts     INTEGER NOT NULL,
  next_try     INTEGER NOT NULL,
  UNIQUE (topic, callback)
) STRICT;
CREATE INDEX intent_due ON intent (next_try);
CREATE INDEX intent_of_host ON intent (host);
-- Confirmed subscriptions; one whose `delivered` is not the document's tag has something to come.
CREATE TABLE subscription (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  topic         TEXT NOT NULL,
  path          TEXT NOT NULL,
  callback      TEXT NOT NULL,
  host          TEXT NOT NULL,
  secret        BLOB,
  expires       INTEGER NOT NULL,
  delivered     TEXT NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  next_try      INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER,
  error         TEXT NOT NULL DEFAULT '',
  worked        INTEGER,
  UNIQUE (topic, callback)
) STRICT;
CREATE INDEX subscription_of_path ON subscription (path);
CREATE INDEX subscription_of_host ON subscription (host);
CREATE INDEX subscription_ends ON subscription (expires);
-- Webhooks and further hubs.
CREATE TABLE outlet (
  name          TEXT PRIMARY KEY,
  cursor        INTEGER NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  next_try      INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER,
  error         TEXT NOT NULL DEFAULT '',
  worked        INTEGER
) STRICT, WITHOUT ROWID;
-- Which version of a document a further hub was told of.
CREATE TABLE noticed (
  outlet       TEXT NOT NULL,
  path         TEXT NOT NULL,
  etag         TEXT NOT NULL,
  PRIMARY KEY (outlet, path)
) STRICT, WITHOUT ROWID;
-- What was given up on. No text of an item is kept here: what is sent again is what it says then.
CREATE TABLE letter (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  outlet       TEXT NOT NULL,
  subject      TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  error        TEXT NOT NULL,
  died         INTEGER NOT NULL,
  wanted       INTEGER NOT NULL DEFAULT 0,
  UNIQUE (outlet, subject)
) STRICT;
",
    ),
    M::up(
        "
-- The change with which an item came; 0 for those that were there before this was noted.
ALTER TABLE item ADD COLUMN born INTEGER NOT NULL DEFAULT 0;
-- How far clients of the cursor API have come, for each filter they ask with.
CREATE TABLE client (
  id           TEXT NOT NULL,
  filter       TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  seen         INTEGER NOT NULL,
  PRIMARY KEY (id, filter)
) STRICT, WITHOUT ROWID;
",
    ),
    M::up(
        "
-- Files that we hold, by the hash of their bytes. One that went with its items is known as gone.
CREATE TABLE asset (
  hash         TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  size_bytes   INTEGER NOT NULL,
  width        INTEGER,
  height       INTEGER,
  gone         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_gone ON asset (hash) WHERE gone;
-- Addresses of files that items name: site and number of the newest such item, the hash once the
-- file was fetched, and until when it is left alone after a failure.
CREATE TABLE original (
  url          TEXT PRIMARY KEY,
  role         TEXT NOT NULL,
  site         TEXT NOT NULL,
  ordinal      INTEGER NOT NULL REFERENCES item,
  waiting      INTEGER NOT NULL,
  hash         TEXT,
  code         TEXT,
  attempts     INTEGER NOT NULL,
  next_try     INTEGER NOT NULL
) STRICT;
CREATE INDEX original_waiting ON original (site, role, ordinal DESC) WHERE waiting;
CREATE INDEX original_of_asset ON original (hash);
-- Which items name an address; not current where only an earlier revision did.
CREATE TABLE named (
  ordinal      INTEGER NOT NULL REFERENCES item,
  url          TEXT NOT NULL,
  place        INTEGER NOT NULL,
  current      INTEGER NOT NULL,
  PRIMARY KEY (ordinal, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX named_url ON named (url);
-- Hashes and addresses of files that must not be shown.
CREATE TABLE takedown (what TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
",
    ),
    M::up(
        "
-- Whether the document of its archive, as it stands, has the item.
ALTER TABLE archived ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
",
    ),
    M::up(
        "
-- What finds items that tell the same story: hashes of title and text, nothing of the words. Those
-- that do have the number of their story, and their place in it: who stands for it, the first.
CREATE TABLE telling (
  ordinal      INTEGER PRIMARY KEY REFERENCES item,
  site         TEXT NOT NULL,
  told         INTEGER NOT NULL,
  title        INTEGER NOT NULL,
  credits      TEXT,
  story        INTEGER,
  place        INTEGER NOT NULL DEFAULT 0,
  -- The item's last change by which only others of its story are shown otherwise, and the one before.
  quiet        INTEGER NOT NULL DEFAULT 0,
  loud         INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX telling_title ON telling (title, told);
CREATE INDEX telling_story ON telling (story, place) WHERE story IS NOT NULL;
CREATE INDEX telling_month ON telling (told) WHERE story IS NOT NULL;
CREATE TABLE telling_mark (
  mark         INTEGER NOT NULL,
  told         INTEGER NOT NULL,
  ordinal      INTEGER NOT NULL REFERENCES item,
  PRIMARY KEY (mark, told, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX telling_mark_of ON telling_mark (ordinal);
-- The names under which sites are credited.
CREATE TABLE site_name (name TEXT PRIMARY KEY, site TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- Columns whose feeds show an item otherwise since its story is told by others too; in their turn.
CREATE TABLE retold (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  column_id    TEXT NOT NULL
) STRICT;
-- Items that were there before are looked at one after the other.
INSERT INTO mark SELECT 'stories', '0' WHERE EXISTS (SELECT 1 FROM item);
",
    ),
    M::up(
        "
-- Issues of digests: what was chosen is frozen as JSON; numbers are never given twice.
CREATE TABLE issue (
  digest       TEXT NOT NULL,
  total        INTEGER NOT NULL,
  year         INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  date         TEXT NOT NULL,
  state        TEXT NOT NULL,
  content      TEXT NOT NULL,
  built        INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  -- Counts every change of the row, so that two editors do not overwrite one another.
  change       INTEGER NOT NULL,
  pushed       TEXT,
  PRIMARY KEY (digest, total),
  UNIQUE (digest, year, number),
  UNIQUE (digest, date)
) STRICT, WITHOUT ROWID;
-- Which items an issue prints, and what was known of each when that was last noted.
CREATE TABLE issue_item (
  item         TEXT NOT NULL,
  digest       TEXT NOT NULL,
  total        INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  withdrawn    INTEGER NOT NULL,
  PRIMARY KEY (item, digest, total),
  FOREIGN KEY (digest, total) REFERENCES issue
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_item_of ON issue_item (digest, total);
CREATE TABLE issue_act (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  digest       TEXT NOT NULL,
  total        INTEGER NOT NULL,
  act          TEXT NOT NULL,
  holds        INTEGER NOT NULL,
  FOREIGN KEY (digest, total) REFERENCES issue
) STRICT;
CREATE INDEX issue_act_of ON issue_act (digest, total);
-- What was added to an issue by hand, and the pictures that are not held otherwise.
CREATE TABLE manuscript (
  digest       TEXT NOT NULL,
  total        INTEGER NOT NULL,
  key          TEXT NOT NULL,
  content      TEXT NOT NULL,
  PRIMARY KEY (digest, total, key),
  FOREIGN KEY (digest, total) REFERENCES issue
) STRICT, WITHOUT ROWID;
CREATE TABLE issue_picture (
  digest       TEXT NOT NULL,
  total        INTEGER NOT NULL,
  address      TEXT NOT NULL,
  bytes        BLOB NOT NULL,
  PRIMARY KEY (digest, total, address),
  FOREIGN KEY (digest, total) REFERENCES issue
) STRICT;
-- What an account of the platform has of ours already, by hash and use.
CREATE TABLE upload (
  app          TEXT NOT NULL,
  sha256       TEXT NOT NULL,
  place        TEXT NOT NULL,
  address      TEXT NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (app, sha256, place)
) STRICT, WITHOUT ROWID;
",
    ),
    M::up(
        "
-- The ledger: every planned time of every job, and what became of it.
CREATE TABLE turn (
  job          TEXT NOT NULL,
  planned      INTEGER NOT NULL,
  started      INTEGER,
  ended        INTEGER,
  outcome      TEXT,
  PRIMARY KEY (job, planned)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_planned ON turn (planned);
CREATE INDEX turn_open ON turn (planned) WHERE outcome IS NULL;
INSERT INTO turn SELECT name, planned, fired, fired, 'done' FROM job;
DROP TABLE job;
-- What the times of a job follow from, and from when on they count.
CREATE TABLE job (
  name         TEXT PRIMARY KEY,
  words        TEXT,
  since        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO job SELECT job, NULL, planned FROM turn;
-- Requests of the day to hosts that have a budget.
CREATE TABLE spent (
  host         TEXT PRIMARY KEY,
  day          TEXT NOT NULL,
  requests     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
",
    ),
];

/// Refuses a database of another version of the program.
pub(super) fn current(connection: &Connection) -> Result<(), StoreError> {
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == known { Ok(()) } else { Err(StoreError::Newer { found, known }) }
}

/// Brings the database up to date; refuses one of a later program.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
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
