-- States that are invalid stand apart: their position is 0, and their rows of manifest have the
-- negative number of the account. They are none of the account's.
DROP VIEW accounts;
CREATE VIEW accounts AS
SELECT a.did, a.handle, a.label, a.pds, a.status, a.posts, a.threads, a.claims,
	(SELECT count(*) FROM state s WHERE s.account = a.id AND s.signature <> 'invalid') AS states,
	substr(a.fetched_at, 1, 19) || 'Z' AS fetched_at, a.analysis,
	(SELECT substr(f.at, 1, 19) || 'Z' FROM forgotten f WHERE f.uri = 'at://' || a.did) AS forgotten_at,
	(SELECT count(*) FROM state s WHERE s.account = a.id AND s.signature = 'invalid') AS invalid_states
FROM account a;

-- Whether the bytes of all records that should be kept of any state are here: 0 says that
-- nobody has looked.
ALTER TABLE account ADD COLUMN complete INTEGER NOT NULL DEFAULT 0;
