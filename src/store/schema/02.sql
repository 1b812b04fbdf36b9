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
