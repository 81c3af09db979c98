-- Whether the bytes of all records that should be kept of the head state are here: 0 says
-- that nobody has looked.
ALTER TABLE account ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
