-- What is kept here until it can be found in Elasticsearch, in the order in which
-- it came. Times are microseconds.
CREATE TABLE spool (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
	id    TEXT NOT NULL,
	kind  INTEGER NOT NULL, -- see op
	at    INTEGER NOT NULL, -- when it became known
	bytes INTEGER NOT NULL,
	body  BLOB
);
CREATE INDEX spool_id ON spool (id);
CREATE INDEX spool_at ON spool (at, bytes);

-- What Elasticsearch refused for good, and why, until it is sent again.
CREATE TABLE dead (
	seq    INTEGER PRIMARY KEY,
	id     TEXT NOT NULL,
	kind   INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	body   BLOB,
	died   INTEGER NOT NULL,
	reason TEXT NOT NULL
);

-- What must be known while the server is away: newest_seen, met (that this folder
-- has reached its server once).
CREATE TABLE fact (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) WITHOUT ROWID;
