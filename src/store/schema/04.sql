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
