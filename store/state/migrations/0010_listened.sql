-- Since when each watch is listened for. Silence about one is calm from then on: what was
-- never spoken ill of is known as well as what is every day.
CREATE TABLE listened (
	watch TEXT PRIMARY KEY,
	since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
