-- Where what is dead was to stand, and what the refusal is called: what is said to
-- people is made of them.
ALTER TABLE dead ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE dead ADD COLUMN sort TEXT NOT NULL DEFAULT 'unread';
CREATE INDEX dead_died ON dead (died);
CREATE INDEX dead_id ON dead (id);
