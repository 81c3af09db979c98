-- Files that posts refer to. Their bytes are beside the archive.
CREATE TABLE blob (
	account INTEGER NOT NULL REFERENCES account,
	cid     TEXT NOT NULL,
	type    TEXT NOT NULL,
	size    INTEGER NOT NULL,
	state   TEXT NOT NULL CHECK (state IN ('kept', 'too large', 'gone', 'mismatch', 'unavailable')),
	at      TEXT NOT NULL,
	host    TEXT NOT NULL,
	why     TEXT NOT NULL,
	PRIMARY KEY (account, cid)
) STRICT, WITHOUT ROWID;

-- Posts by others that archived posts answer or quote: what is known of each now, and
-- every version of it that was seen.
CREATE TABLE other_post (
	uri          TEXT PRIMARY KEY,
	handle       TEXT NOT NULL,
	state        TEXT NOT NULL CHECK (state IN ('found', 'deleted', 'blocked', 'not found', 'account gone', 'unavailable')),
	at           TEXT NOT NULL,
	host         TEXT NOT NULL,
	why          TEXT NOT NULL,
	hide_guest   INTEGER NOT NULL,
	likes        INTEGER,
	reposts      INTEGER,
	replies      INTEGER,
	quotes       INTEGER,
	counted_at   TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE other_version (
	id        INTEGER PRIMARY KEY,
	uri       TEXT NOT NULL,
	cid       TEXT NOT NULL,
	record    BLOB NOT NULL,
	proof     BLOB,
	key       TEXT NOT NULL,
	signature TEXT NOT NULL CHECK (signature IN ('valid', 'unchecked', 'invalid')),
	host      TEXT NOT NULL,
	seen_at   TEXT NOT NULL,
	UNIQUE (uri, cid)
) STRICT;

CREATE VIEW other_posts AS
SELECT o.uri, o.handle, v.cid, v.signature, v.seen_at, v.host AS seen_from,
	o.state, substr(o.at, 1, 19) || 'Z' AS state_at, o.why,
	o.likes, o.reposts, o.replies, o.quotes, substr(o.counted_at, 1, 19) || 'Z' AS counted_at, v.record
FROM other_post o LEFT JOIN other_version v ON v.uri = o.uri;
