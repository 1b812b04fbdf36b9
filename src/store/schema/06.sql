-- The change with which an item came; 0 for those that were there before this was noted.
ALTER TABLE item ADD COLUMN born INTEGER NOT NULL DEFAULT 0;
-- How far clients of the cursor API have come, for each filter they ask with.
CREATE TABLE client (
  id           TEXT NOT NULL,
  filter       TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  seen         INTEGER NOT NULL,
  PRIMARY KEY (id, filter)
) STRICT, WITHOUT ROWID;
