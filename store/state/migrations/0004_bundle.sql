-- The key of the summary that tells this row with others, from before it is sent:
-- after a crash the same is sent again. Empty for a row that is told alone.
ALTER TABLE outbox ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
