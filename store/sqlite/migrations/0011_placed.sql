-- Where something stands among what was seen of its account, if that is not its time: when it
-- was seen, the clock had gone back.
ALTER TABLE identity ADD COLUMN placed_at TEXT;
ALTER TABLE sighting ADD COLUMN placed_at TEXT;
