-- One row per mention, narrow, ordered as people read: see key.go. What is asked
-- for often stands here; the whole of it is in body. Times are microseconds.
CREATE TABLE mention (
	key       INTEGER PRIMARY KEY,
	id        TEXT NOT NULL UNIQUE,
	published INTEGER NOT NULL,
	seen      INTEGER NOT NULL,
	changed   INTEGER NOT NULL, -- from this instant on it is known as it is now
	tokens    INTEGER NOT NULL, -- the version of the terms it is found by
	history   INTEGER NOT NULL,
	source    INTEGER NOT NULL, -- this and the rest: name.id
	place     INTEGER NOT NULL,
	kind      INTEGER NOT NULL,
	lang      INTEGER NOT NULL,
	watches   INTEGER NOT NULL, -- a JSON array, sorted
	label     INTEGER NOT NULL,
	target    INTEGER NOT NULL,
	author    TEXT NOT NULL
);

-- As rules read: those of one part (key >> 60) in the order they were seen.
CREATE INDEX mention_seen ON mention (key >> 60, seen, id);

-- Those that may have looked different in the past.
CREATE INDEX mention_changed ON mention (changed) WHERE changed > seen;

-- The mention as a whole, see body.go.
CREATE TABLE body (
	key  INTEGER PRIMARY KEY,
	body BLOB NOT NULL
);

-- The few words that columns repeat.
CREATE TABLE name (
	id    INTEGER PRIMARY KEY,
	value TEXT NOT NULL UNIQUE
);

-- What mentions are found by, see terms.go: encoded words, and what is asked for
-- beside them, without positions.
CREATE VIRTUAL TABLE term USING fts5(
	words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- How many mentions stand (not our own, not gone), by watch (name.id; 0 for all of
-- them, each once) and hour of publication since 1970.
CREATE TABLE hourly (
	watch   INTEGER NOT NULL,
	hour    INTEGER NOT NULL,
	label   INTEGER NOT NULL,
	history INTEGER NOT NULL,
	n       INTEGER NOT NULL,
	PRIMARY KEY (watch, hour, label, history)
) WITHOUT ROWID;

-- Merging twice as many segments at once than usual saves a tenth of the time it
-- takes to keep a mention.
INSERT INTO term (term, rank) VALUES ('automerge', 8);
