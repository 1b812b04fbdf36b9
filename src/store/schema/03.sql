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
