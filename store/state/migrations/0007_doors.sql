-- A program may also act on situations, with a token that says so.
CREATE TABLE token_kept (
	id      TEXT PRIMARY KEY,
	hash    BLOB    NOT NULL UNIQUE,
	name    TEXT    NOT NULL,
	scope   TEXT    NOT NULL CHECK (scope IN ('api', 'act', 'metrics')),
	created INTEGER NOT NULL,
	used    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO token_kept SELECT id, hash, name, scope, created, used FROM token;
DROP TABLE token;
ALTER TABLE token_kept RENAME TO token;

-- Who wants no more of what a channel sends at its hours. Alerts still reach them.
CREATE TABLE unsubscribed (
	channel TEXT    NOT NULL,
	address TEXT    NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (channel, address)
) STRICT, WITHOUT ROWID;
