-- Hosts that are left alone, or that challenged us when they were last asked.
CREATE TABLE rest (
  host         TEXT PRIMARY KEY,
  until        INTEGER NOT NULL,
  -- The code under which the challenge page is told, and its status; NULL: the host asked to wait.
  challenge    TEXT,
  status       INTEGER,
  -- Challenges since the last page that was let through.
  challenges   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Article pages that ended in the middle and were not believed, until one is.
CREATE TABLE broken_off (
  url          TEXT PRIMARY KEY,
  since        INTEGER NOT NULL,
  size_bytes   INTEGER NOT NULL,
  ending       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
