-- What the last readings of each column showed: what is normal of it is learned from these.
CREATE TABLE observation (
  column_id    TEXT NOT NULL,
  at           INTEGER NOT NULL,
  seen         TEXT NOT NULL,
  PRIMARY KEY (column_id, at)
) STRICT, WITHOUT ROWID;
-- Sites that did not prove to be themselves: nothing is taken in of them until a person says so.
CREATE TABLE distrust (
  site         TEXT PRIMARY KEY,
  since        INTEGER NOT NULL,
  detail       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- From when on a site or column is normal as it is, and who said so.
CREATE TABLE trusted (
  subject      TEXT PRIMARY KEY,
  at           INTEGER NOT NULL,
  person       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
