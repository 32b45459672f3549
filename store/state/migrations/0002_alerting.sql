-- A mention is a member of one story, once for each version that changed it.
-- signature is what later mentions are compared with: see ledger_story.go.
CREATE TABLE story_member (
	mention   TEXT    NOT NULL,
	seen      INTEGER NOT NULL,
	story     TEXT    NOT NULL,
	source    TEXT    NOT NULL,
	outlet    TEXT    NOT NULL,
	watches   TEXT    NOT NULL CHECK (json_valid(watches)),
	history   INTEGER NOT NULL,
	change    TEXT    NOT NULL,
	signature BLOB    NOT NULL,
	PRIMARY KEY (mention, seen)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_member_seen ON story_member (seen, mention, story);
CREATE INDEX story_member_story ON story_member (story, seen);

-- What a message says of an incident is in body, as alerting writes it in JSON.
CREATE TABLE incident (
	id     TEXT PRIMARY KEY,
	key    TEXT    NOT NULL,
	rule   TEXT    NOT NULL,
	state  TEXT    NOT NULL,
	opened INTEGER NOT NULL,
	body   TEXT    NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_key ON incident (key, opened);
CREATE INDEX incident_open ON incident (rule, opened) WHERE state <> 'resolved';
CREATE INDEX incident_opened ON incident (opened);

-- One row for each transition of an incident and each channel that is owed it.
CREATE TABLE outbox (
	key        TEXT PRIMARY KEY,
	incident   TEXT    NOT NULL REFERENCES incident (id),
	channel    TEXT    NOT NULL,
	recipients TEXT    NOT NULL,
	transition TEXT    NOT NULL,
	seq        INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	owed       TEXT    NOT NULL CHECK (json_valid(owed)),
	fate       TEXT    NOT NULL,
	attempts   INTEGER NOT NULL,
	not_before INTEGER NOT NULL,
	why        TEXT    NOT NULL,
	ended      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (channel, at, seq) WHERE fate = 'waiting';
CREATE INDEX outbox_incident ON outbox (incident, seq);

CREATE TABLE rule_progress (
	rule  TEXT PRIMARY KEY,
	asked INTEGER NOT NULL,
	next  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
