-- Every opening and healing of a problem, in order; written with the problem itself.
CREATE TABLE notice (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  code         TEXT NOT NULL,
  subject      TEXT NOT NULL,
  detail       TEXT NOT NULL,
  since        INTEGER NOT NULL,
  -- NULL: it opened.
  healed       INTEGER,
  noted        INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_of ON notice (subject, code, healed);
INSERT INTO notice (code, subject, detail, since, noted)
  SELECT code, subject, detail, first_seen, first_seen FROM problem
  WHERE healed IS NULL ORDER BY first_seen, id;
-- Places that operators are told at, and how telling goes.
CREATE TABLE alert (
  id           TEXT PRIMARY KEY,
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_try     INTEGER NOT NULL DEFAULT 0,
  failing_since INTEGER,
  error        TEXT NOT NULL DEFAULT '',
  worked       INTEGER
) STRICT, WITHOUT ROWID;
-- Of which open problems each of them was told.
CREATE TABLE heard (
  alert        TEXT NOT NULL,
  code         TEXT NOT NULL,
  subject      TEXT NOT NULL,
  detail       TEXT NOT NULL,
  since        INTEGER NOT NULL,
  PRIMARY KEY (alert, subject, code)
) STRICT, WITHOUT ROWID;
