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
