-- The stems that many texts hold: two of them side by side have a term, see
-- frequent.go. An edition adds to the one before.
CREATE TABLE frequent (
	form    INTEGER NOT NULL,
	value   TEXT NOT NULL,
	edition INTEGER NOT NULL,
	PRIMARY KEY (form, value)
) WITHOUT ROWID;

-- One row: which terms all mentions have (mention.tokens, or newer), and how many
-- mentions there were when frequent stems were last looked for.
CREATE TABLE learnt (
	settled  INTEGER NOT NULL,
	mentions INTEGER NOT NULL
);
INSERT INTO learnt VALUES (0, 0);
