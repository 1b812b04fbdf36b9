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
