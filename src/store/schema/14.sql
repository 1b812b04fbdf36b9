-- Held files that no item names any more, and since when.
CREATE TABLE idle (hash TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- Kept pages are pruned oldest first.
CREATE INDEX page_age ON page (kind, fetched);
-- Faults of websites by month, as runs met them; still known when they are healed.
CREATE TABLE blemish (
  month        TEXT NOT NULL,
  site         TEXT NOT NULL,
  column_id    TEXT NOT NULL,
  defect       TEXT NOT NULL,
  url          TEXT NOT NULL,
  title        TEXT NOT NULL,
  detail       TEXT NOT NULL,
  first        INTEGER NOT NULL,
  last         INTEGER NOT NULL,
  count        INTEGER NOT NULL,
  PRIMARY KEY (month, site, defect, url)
) STRICT, WITHOUT ROWID;
-- How often the list of a column was read on each day (in Beijing), and in which hours that worked or
-- failed, a bit for each.
CREATE TABLE run_day (
  column_id    TEXT NOT NULL,
  day          TEXT NOT NULL,
  runs         INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  good_hours   INTEGER NOT NULL,
  bad_hours    INTEGER NOT NULL,
  PRIMARY KEY (column_id, day)
) STRICT, WITHOUT ROWID;
