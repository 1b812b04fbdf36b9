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
