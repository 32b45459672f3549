-- People who come in under their own name. called is the name as it is compared,
-- whatever the case and accents it is typed with. password is an argon2id hash, empty
-- until the first invitation is accepted.
CREATE TABLE member (
	id       TEXT PRIMARY KEY,
	name     TEXT    NOT NULL,
	called   TEXT    NOT NULL UNIQUE,
	email    TEXT    NOT NULL,
	role     TEXT    NOT NULL CHECK (role IN ('reader', 'member', 'owner')),
	password TEXT    NOT NULL,
	created  INTEGER NOT NULL,
	seen     INTEGER NOT NULL,
	disabled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX member_email ON member (email) WHERE email <> '';

-- The link itself is in the hands of whoever was invited, and nowhere else.
CREATE TABLE invitation (
	hash    BLOB PRIMARY KEY,
	member  TEXT    NOT NULL REFERENCES member (id),
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_member ON invitation (member);
CREATE INDEX invitation_expires ON invitation (expires);

-- What programs come in with; the token itself is theirs alone.
CREATE TABLE token (
	id      TEXT PRIMARY KEY,
	hash    BLOB    NOT NULL UNIQUE,
	name    TEXT    NOT NULL,
	scope   TEXT    NOT NULL CHECK (scope IN ('api', 'metrics')),
	created INTEGER NOT NULL,
	used    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions are those of a member, by id, or, with an empty person, of whoever knows
-- the page's password.
CREATE INDEX session_person ON session (person);
