-- What another archive's export says of when it saw something: the import that brought it,
-- and when. Empty: we saw it ourselves. What was taken over before this migration cannot be
-- told apart any more.
ALTER TABLE sighting ADD COLUMN told_by TEXT NOT NULL DEFAULT '';
ALTER TABLE sighting ADD COLUMN told_at TEXT;
ALTER TABLE identity ADD COLUMN told_by TEXT NOT NULL DEFAULT '';
ALTER TABLE identity ADD COLUMN told_at TEXT;
-- 1: seen_at (seen_by_at) is another archive's word; no sighting is ours.
ALTER TABLE state ADD COLUMN seen_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN seen_by_told INTEGER NOT NULL DEFAULT 0;

DROP VIEW changes;
CREATE VIEW changes AS
SELECT a.did, a.handle, s.rev, c.name AS collection, k.text AS rkey,
	'at://' || a.did || '/' || c.name || '/' || k.text AS uri,
	CASE WHEN m.cid IS NULL THEN 'deleted' WHEN EXISTS (
		SELECT 1 FROM manifest e JOIN state b ON b.id = e.state
		WHERE e.account = m.account AND e.collection = m.collection AND e.rkey = m.rkey AND b.position < s.position
	) THEN 'changed' ELSE 'new' END AS change,
	lower(hex(m.cid)) AS sha256, substr(s.seen_at, 1, 19) || 'Z' AS seen_at, s.signature, s.seen_told
FROM manifest m JOIN account a ON a.id = m.account JOIN collection c ON c.id = m.collection JOIN state s ON s.id = m.state
	JOIN record_key k ON k.account = m.account AND k.collection = m.collection AND k.rkey = m.rkey AND k.state = m.state;

DROP VIEW posts;
CREATE VIEW posts AS
SELECT u.uri, a.handle, a.did,
	CAST(substr(r.bytes, p.text_start + 1, p.text_length) AS TEXT) AS text,
	CAST(substr(r.bytes, p.created_start + 1, p.created_length) AS TEXT) AS created_at,
	iif(typeof(p.rkey) = 'integer', strftime('%Y-%m-%dT%H:%M:%SZ', (p.rkey >> 10) / 1000000, 'unixepoch'), NULL) AS record_key_time,
	(SELECT substr(min(iif(v.until IS NULL,
			(SELECT s.seen_by_told || s.seen_by_at FROM state s WHERE s.id = v.state),
			(SELECT min(s.seen_told || s.seen_at) FROM state s WHERE s.account = p.account AND s.position >= v.position AND s.position < v.until))), 2, 19) || 'Z'
		FROM version v WHERE v.account = p.account AND v.collection = c.id AND v.rkey = p.rkey AND v.cid IS NOT NULL) AS first_seen_at,
	(SELECT substr(s.seen_by_at, 1, 19) || 'Z' FROM version v JOIN state s ON s.id = v.state
		WHERE v.account = p.account AND v.collection = c.id AND v.rkey = p.rkey AND v.cid IS NULL AND v.until IS NULL) AS gone_found_at,
	p.status,
	coalesce((SELECT (SELECT max(s.signature) FROM state s
			WHERE s.account = p.account AND s.position >= v.position AND (v.until IS NULL OR s.position < v.until))
		FROM version v WHERE v.account = p.account AND v.collection = c.id AND v.rkey = p.rkey AND v.cid IS NOT NULL
		ORDER BY v.position DESC LIMIT 1), 'unchecked') AS signature,
	p.lang,
	CAST(substr(r.bytes, p.parent_start + 1, p.parent_length) AS TEXT) AS answers_uri,
	CAST(substr(r.bytes, p.root_start + 1, p.root_length) AS TEXT) AS conversation_uri,
	CAST(substr(r.bytes, p.quote_start + 1, p.quote_length) AS TEXT) AS quotes_uri,
	(SELECT uri FROM post_uri WHERE post = t.root) AS thread_uri,
	tp.branch, tp.position, tp.number, why.joined_by, why.why,
	(SELECT CAST(substr(min(iif(v.until IS NULL,
			(SELECT s.seen_by_told || s.seen_by_at FROM state s WHERE s.id = v.state),
			(SELECT min(s.seen_told || s.seen_at) FROM state s WHERE s.account = p.account AND s.position >= v.position AND s.position < v.until))), 1, 1) AS INTEGER)
		FROM version v WHERE v.account = p.account AND v.collection = c.id AND v.rkey = p.rkey AND v.cid IS NOT NULL) AS first_seen_told,
	(SELECT s.seen_by_told FROM version v JOIN state s ON s.id = v.state
		WHERE v.account = p.account AND v.collection = c.id AND v.rkey = p.rkey AND v.cid IS NULL AND v.until IS NULL) AS gone_found_told,
	p.has_link, p.has_media, p.has_number, p.id AS post
FROM post p JOIN account a ON a.id = p.account JOIN post_uri u ON u.post = p.id
	LEFT JOIN collection c ON c.name = 'app.bsky.feed.post' LEFT JOIN record r ON r.id = p.record
	LEFT JOIN thread_post tp ON tp.post = p.id LEFT JOIN thread t ON t.id = tp.thread LEFT JOIN reason why ON why.id = tp.reason;
