-- What the analysis says again and again: topics, rules, reasons, kinds. A row of reading
-- names them by their numbers; rows from before hold them as texts.
CREATE TABLE phrase (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;
