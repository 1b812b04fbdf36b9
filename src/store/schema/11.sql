-- The ledger: every planned time of every job, and what became of it.
CREATE TABLE turn (
  job          TEXT NOT NULL,
  planned      INTEGER NOT NULL,
  started      INTEGER,
  ended        INTEGER,
  outcome      TEXT,
  PRIMARY KEY (job, planned)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_planned ON turn (planned);
CREATE INDEX turn_open ON turn (planned) WHERE outcome IS NULL;
INSERT INTO turn SELECT name, planned, fired, fired, 'done' FROM job;
DROP TABLE job;
-- What the times of a job follow from, and from when on they count.
CREATE TABLE job (
  name         TEXT PRIMARY KEY,
  words        TEXT,
  since        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO job SELECT job, NULL, planned FROM turn;
-- Requests of the day to hosts that have a budget.
CREATE TABLE spent (
  host         TEXT PRIMARY KEY,
  day          TEXT NOT NULL,
  requests     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
