-- Whether a source's silence says nothing, since when, and when it brings something
-- new, as the crawler writes it.
ALTER TABLE visit ADD COLUMN blind       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visit ADD COLUMN blind_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visit ADD COLUMN history     TEXT    NOT NULL DEFAULT '';
