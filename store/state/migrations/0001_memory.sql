-- Instants are whole microseconds since 1970 in UTC; 0 stands for none.

CREATE TABLE visit (
	source       TEXT PRIMARY KEY,
	cursor       TEXT    NOT NULL,
	config       TEXT    NOT NULL,
	next         INTEGER NOT NULL,
	not_before   INTEGER NOT NULL,
	last         INTEGER NOT NULL,
	last_success INTEGER NOT NULL,
	newest       INTEGER NOT NULL,
	failures     INTEGER NOT NULL,
	health       TEXT    NOT NULL,
	since        INTEGER NOT NULL,
	reason       TEXT    NOT NULL,
	detail       TEXT    NOT NULL,
	notice       TEXT    NOT NULL,
	ended        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- met is when a mention was last handed to us, so that what still stands in a feed
-- is never forgotten and never new again.
CREATE TABLE seen (
	id   TEXT PRIMARY KEY,
	hash BLOB    NOT NULL,
	met  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_met ON seen (met);

CREATE TABLE journal (
	id      INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,
	who     TEXT    NOT NULL,
	what    TEXT    NOT NULL,
	subject TEXT    NOT NULL,
	detail  TEXT    NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_health ON journal (subject, at) WHERE what = 'source.health';

CREATE TABLE setting (
	key   TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The token itself is the browser's alone.
CREATE TABLE session (
	hash    BLOB PRIMARY KEY,
	person  TEXT    NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_expires ON session (expires);

CREATE TABLE uptime (
	start INTEGER PRIMARY KEY,
	until INTEGER NOT NULL
) STRICT;
