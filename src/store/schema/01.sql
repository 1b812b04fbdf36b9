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
