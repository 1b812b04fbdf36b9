-- Held files that no item names any more, and since when.
CREATE TABLE idle (hash TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- Kept pages are pruned oldest first.
CREATE INDEX page_age ON page (kind, fetched);
