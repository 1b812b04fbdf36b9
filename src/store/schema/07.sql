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
