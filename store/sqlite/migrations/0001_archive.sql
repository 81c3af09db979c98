-- Names: one row of `post` is one post; `posts`, in the plural, is the
-- view for people. doc.go explains every column.

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Accounts and who they said they were.

CREATE TABLE account (
	id         INTEGER PRIMARY KEY,
	did        TEXT NOT NULL UNIQUE,
	handle     TEXT NOT NULL DEFAULT '',
	pds        TEXT NOT NULL DEFAULT '',
	label      TEXT NOT NULL DEFAULT '',
	status     TEXT NOT NULL DEFAULT '',
	fetched_at TEXT,
	analysis   TEXT NOT NULL DEFAULT '',
	hide_guest INTEGER NOT NULL DEFAULT 0,
	posts      INTEGER NOT NULL DEFAULT 0,
	threads    INTEGER NOT NULL DEFAULT 0,
	claims     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE identity (
	id       INTEGER PRIMARY KEY,
	account  INTEGER NOT NULL REFERENCES account,
	at       TEXT NOT NULL,
	handle   TEXT NOT NULL,
	pds      TEXT NOT NULL,
	status   TEXT NOT NULL,
	host     TEXT NOT NULL,
	document BLOB
) STRICT;
CREATE INDEX identity_account ON identity (account, at);
CREATE INDEX identity_handle ON identity (handle COLLATE NOCASE);

CREATE TABLE plc_log (
	id      INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	at      TEXT NOT NULL,
	host    TEXT NOT NULL,
	raw     BLOB NOT NULL
) STRICT;
CREATE INDEX plc_log_account ON plc_log (account, at);

-- Evidence: signed states, what stood in them, and the bytes.

CREATE TABLE collection (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE state (
	id         INTEGER PRIMARY KEY,
	account    INTEGER NOT NULL REFERENCES account,
	position   INTEGER NOT NULL,
	rev        TEXT NOT NULL,
	cid        BLOB NOT NULL,
	data       BLOB NOT NULL,
	signed     BLOB NOT NULL,
	key        TEXT NOT NULL,
	signature  TEXT NOT NULL CHECK (signature IN ('valid', 'unchecked', 'invalid')),
	seen_at    TEXT NOT NULL,
	seen_by_at TEXT NOT NULL,
	UNIQUE (account, rev, cid)
) STRICT;
CREATE INDEX state_position ON state (account, position);
CREATE INDEX state_cid ON state (cid);

CREATE TABLE sighting (
	state  INTEGER NOT NULL REFERENCES state,
	at     TEXT NOT NULL,
	host   TEXT NOT NULL,
	source TEXT NOT NULL,
	PRIMARY KEY (state, at, host, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE manifest (
	account    INTEGER NOT NULL,
	collection INTEGER NOT NULL,
	rkey       ANY NOT NULL,
	state      INTEGER NOT NULL,
	cid        BLOB,
	PRIMARY KEY (account, collection, rkey, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_state ON manifest (state, collection, rkey);

CREATE TABLE record (
	id      INTEGER PRIMARY KEY,
	account INTEGER NOT NULL,
	prefix  BLOB NOT NULL,
	bytes   BLOB NOT NULL
) STRICT;
CREATE INDEX record_prefix ON record (prefix);

-- What is derived from the evidence.

CREATE TABLE post (
	id             INTEGER PRIMARY KEY,
	account        INTEGER NOT NULL,
	rkey           ANY NOT NULL,
	record         INTEGER,
	status         TEXT NOT NULL CHECK (status IN ('live', 'deleted', 'missing')),
	age            INTEGER NOT NULL,
	lang           TEXT NOT NULL,
	has_link       INTEGER NOT NULL,
	has_media      INTEGER NOT NULL,
	has_number     INTEGER NOT NULL,
	text_start     INTEGER,
	text_length    INTEGER,
	created_start  INTEGER,
	created_length INTEGER,
	root_start     INTEGER,
	root_length    INTEGER,
	parent_start   INTEGER,
	parent_length  INTEGER,
	quote_start    INTEGER,
	quote_length   INTEGER,
	words          TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX post_rkey ON post (account, rkey);
CREATE INDEX post_age ON post (account, age);
-- How far ids are from the second of their post's age: it says which ids a time can have.
CREATE INDEX post_shift ON post (id - max(age / 1000000 - 1577836800, 1));

-- Apart from post, whose rows stay small for searches that look at many.
CREATE TABLE reading (
	post     INTEGER PRIMARY KEY,
	passages TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE post_words USING fts5 (
	word, stem,
	content = '', contentless_delete = 1,
	tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
-- Words are held in memory up to this many bytes before they are written out.
INSERT INTO post_words (post_words, rank) VALUES ('hashsize', 16777216);

CREATE TABLE link (
	post INTEGER NOT NULL,
	host TEXT NOT NULL,
	PRIMARY KEY (post, host)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_host ON link (host);

CREATE TABLE topic (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE topic_tag (
	post       INTEGER NOT NULL,
	start_byte INTEGER NOT NULL,
	topic      INTEGER NOT NULL,
	PRIMARY KEY (post, start_byte, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_tag_topic ON topic_tag (topic);

CREATE TABLE claim (
	id          TEXT NOT NULL,
	post        INTEGER NOT NULL,
	start_byte  INTEGER NOT NULL,
	end_byte    INTEGER NOT NULL,
	checkworthy INTEGER NOT NULL,
	has_number  INTEGER NOT NULL,
	source      TEXT NOT NULL,
	score       REAL NOT NULL,
	kind        TEXT NOT NULL,
	stance      TEXT NOT NULL,
	status      TEXT NOT NULL,
	verdict     TEXT NOT NULL,
	dismissal   TEXT NOT NULL,
	reviewer    TEXT NOT NULL,
	reviewed_at TEXT,
	agree       INTEGER NOT NULL,
	disagree    INTEGER NOT NULL,
	outdated    INTEGER NOT NULL
) STRICT;
CREATE INDEX claim_id ON claim (id);
CREATE INDEX claim_post ON claim (post);
CREATE INDEX claim_status ON claim (status) WHERE status <> 'new';
CREATE INDEX claim_source ON claim (post, source) WHERE source <> '';

CREATE TABLE former_claim (
	id    TEXT NOT NULL,
	post  INTEGER NOT NULL,
	claim TEXT,
	PRIMARY KEY (id, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_claim_post ON former_claim (post);

CREATE TABLE thread (
	id       INTEGER PRIMARY KEY,
	account  INTEGER NOT NULL,
	root     INTEGER NOT NULL UNIQUE,
	age      INTEGER NOT NULL,
	complete INTEGER NOT NULL,
	numbered INTEGER NOT NULL,
	total    INTEGER,
	missing  TEXT NOT NULL,
	gaps     TEXT NOT NULL
) STRICT;
CREATE INDEX thread_age ON thread (account, age);

CREATE TABLE thread_post (
	post     INTEGER PRIMARY KEY,
	thread   INTEGER NOT NULL,
	branch   INTEGER NOT NULL,
	position INTEGER NOT NULL,
	number   INTEGER,
	reason   INTEGER
) STRICT;
CREATE INDEX thread_post_thread ON thread_post (thread, branch, position);

CREATE TABLE reason (
	id        INTEGER PRIMARY KEY,
	joined_by TEXT NOT NULL,
	why       TEXT NOT NULL,
	UNIQUE (joined_by, why)
) STRICT;

-- What people wrote: appended, never changed.

CREATE TABLE decision (
	id      TEXT NOT NULL UNIQUE,
	kind    TEXT NOT NULL,
	did     TEXT NOT NULL,
	subject TEXT NOT NULL,
	author  TEXT NOT NULL,
	at      TEXT NOT NULL,
	body    TEXT NOT NULL
) STRICT;
CREATE INDEX decision_did ON decision (did, at);
CREATE INDEX decision_subject ON decision (subject);

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT raise(ABORT, 'what people decided is never changed'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
BEGIN SELECT raise(ABORT, 'what people decided is never deleted'); END;

-- Views for people: nothing in the program reads them.

-- The record keys that are kept as numbers, as text.
CREATE VIEW record_key AS
SELECT account, collection, rkey, state, iif(typeof(rkey) = 'text', rkey,
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 60) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 55) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 50) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 45) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 40) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 35) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 30) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 25) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 20) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 15) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 10) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 5) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((rkey >> 0) & 31) + 1, 1)) AS text
FROM manifest;

CREATE VIEW post_uri AS
SELECT p.id AS post, 'at://' || a.did || '/app.bsky.feed.post/' || iif(typeof(p.rkey) = 'text', p.rkey,
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 60) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 55) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 50) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 45) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 40) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 35) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 30) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 25) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 20) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 15) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 10) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 5) & 31) + 1, 1) ||
		substr('234567abcdefghijklmnopqrstuvwxyz', ((p.rkey >> 0) & 31) + 1, 1)) AS uri
FROM post p JOIN account a ON a.id = p.account;

-- What stood at a path from one state (position) up to another (until; NULL: still).
CREATE VIEW version AS
SELECT m.account, m.collection, m.rkey, m.cid, m.state, s.position,
	(SELECT min(b.position) FROM manifest e JOIN state b ON b.id = e.state
		WHERE e.account = m.account AND e.collection = m.collection AND e.rkey = m.rkey AND b.position > s.position) AS until
FROM manifest m JOIN state s ON s.id = m.state;

CREATE VIEW accounts AS
SELECT a.did, a.handle, a.label, a.pds, a.status, a.posts, a.threads, a.claims,
	(SELECT count(*) FROM state s WHERE s.account = a.id) AS states,
	substr(a.fetched_at, 1, 19) || 'Z' AS fetched_at, a.analysis
FROM account a;

CREATE VIEW changes AS
SELECT a.did, a.handle, s.rev, c.name AS collection, k.text AS rkey,
	'at://' || a.did || '/' || c.name || '/' || k.text AS uri,
	CASE WHEN m.cid IS NULL THEN 'deleted' WHEN EXISTS (
		SELECT 1 FROM manifest e JOIN state b ON b.id = e.state
		WHERE e.account = m.account AND e.collection = m.collection AND e.rkey = m.rkey AND b.position < s.position
	) THEN 'changed' ELSE 'new' END AS change,
	lower(hex(m.cid)) AS sha256, substr(s.seen_at, 1, 19) || 'Z' AS seen_at, s.signature
FROM manifest m JOIN account a ON a.id = m.account JOIN collection c ON c.id = m.collection JOIN state s ON s.id = m.state
	JOIN record_key k ON k.account = m.account AND k.collection = m.collection AND k.rkey = m.rkey AND k.state = m.state;

CREATE VIEW posts AS
SELECT u.uri, a.handle, a.did,
	CAST(substr(r.bytes, p.text_start + 1, p.text_length) AS TEXT) AS text,
	CAST(substr(r.bytes, p.created_start + 1, p.created_length) AS TEXT) AS created_at,
	iif(typeof(p.rkey) = 'integer', strftime('%Y-%m-%dT%H:%M:%SZ', (p.rkey >> 10) / 1000000, 'unixepoch'), NULL) AS record_key_time,
	(SELECT substr(min(iif(v.until IS NULL,
			(SELECT s.seen_by_at FROM state s WHERE s.id = v.state),
			(SELECT min(s.seen_at) FROM state s WHERE s.account = p.account AND s.position >= v.position AND s.position < v.until))), 1, 19) || 'Z'
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
	p.has_link, p.has_media, p.has_number, p.id AS post
FROM post p JOIN account a ON a.id = p.account JOIN post_uri u ON u.post = p.id
	LEFT JOIN collection c ON c.name = 'app.bsky.feed.post' LEFT JOIN record r ON r.id = p.record
	LEFT JOIN thread_post tp ON tp.post = p.id LEFT JOIN thread t ON t.id = tp.thread LEFT JOIN reason why ON why.id = tp.reason;

CREATE VIEW threads AS
SELECT u.uri, a.handle, a.did,
	strftime('%Y-%m-%dT%H:%M:%SZ', t.age / 1000000, 'unixepoch') AS time,
	CAST(substr(r.bytes, p.text_start + 1, p.text_length) AS TEXT) AS first_text,
	(SELECT count(*) FROM thread_post tp WHERE tp.thread = t.id AND tp.branch = 0) AS posts,
	(SELECT count(*) FROM thread_post tp WHERE tp.thread = t.id AND tp.branch > 0) AS posts_in_branches,
	t.complete, t.total, t.missing, t.gaps,
	(SELECT count(*) FROM thread_post tp JOIN claim c ON c.post = tp.post WHERE tp.thread = t.id AND c.checkworthy) AS claims,
	(SELECT json_group_array(DISTINCT topic.name) FROM thread_post tp JOIN topic_tag g ON g.post = tp.post JOIN topic ON topic.id = g.topic
		WHERE tp.thread = t.id) AS topics,
	t.id AS thread
FROM thread t JOIN account a ON a.id = t.account JOIN post p ON p.id = t.root JOIN post_uri u ON u.post = p.id
	LEFT JOIN record r ON r.id = p.record;

CREATE VIEW claims AS
SELECT c.id, u.uri, a.handle, a.did,
	strftime('%Y-%m-%dT%H:%M:%SZ', p.age / 1000000, 'unixepoch') AS time,
	CAST(substr(r.bytes, p.text_start + c.start_byte + 1, c.end_byte - c.start_byte) AS TEXT) AS text,
	c.checkworthy, c.score, c.kind, c.stance,
	(SELECT json_group_array(topic.name) FROM topic_tag g JOIN topic ON topic.id = g.topic
		WHERE g.post = c.post AND g.start_byte = c.start_byte) AS topics,
	c.has_number, c.status, c.verdict, c.dismissal, c.reviewer, substr(c.reviewed_at, 1, 19) || 'Z' AS reviewed_at,
	c.agree, c.disagree, c.outdated, p.status AS post_status,
	(SELECT x.uri FROM thread_post tp JOIN thread t ON t.id = tp.thread JOIN post_uri x ON x.post = t.root WHERE tp.post = c.post) AS thread_uri,
	c.start_byte, c.end_byte, c.post
FROM claim c JOIN post p ON p.id = c.post JOIN account a ON a.id = p.account JOIN post_uri u ON u.post = p.id
	LEFT JOIN record r ON r.id = p.record;

CREATE VIEW quantities AS
SELECT u.uri, a.handle,
	CAST(substr(r.bytes, p.text_start + (n.value ->> 1) + 1, (n.value ->> 2) - (n.value ->> 1)) AS TEXT) AS text,
	n.value ->> 3 AS value, n.value ->> 4 AS unit, n.value ->> 5 AS base_value, n.value ->> 6 AS base_unit,
	n.value ->> '$[7].value_hi' AS value_hi, n.value ->> '$[7].per' AS per, coalesce(n.value ->> '$[7].approx', 0) AS approx, p.id AS post
FROM reading g JOIN json_each(g.passages, '$.numbers') n JOIN post p ON p.id = g.post JOIN account a ON a.id = p.account JOIN post_uri u ON u.post = p.id
	LEFT JOIN record r ON r.id = p.record;

CREATE VIEW reviews AS
SELECT d.id, d.subject AS claim, d.did, d.author, substr(d.at, 1, 19) || 'Z' AS at,
	d.body ->> 'status' AS status, d.body ->> 'verdict' AS verdict, d.body ->> 'dismissal' AS dismissal,
	d.body ->> 'summary' AS summary, d.body ->> 'note' AS note, d.body ->> 'sources' AS sources,
	d.body ->> 'claim_restated' AS claim_restated, d.body ->> 'published_url' AS published_url,
	d.body ->> 'post' AS uri, d.body ->> 'text' AS text,
	EXISTS (SELECT 1 FROM decision x WHERE x.kind = 'undo' AND x.subject = d.id
		AND NOT EXISTS (SELECT 1 FROM decision y WHERE y.kind = 'undo' AND y.subject = x.id)) AS undone
FROM decision d WHERE d.kind = 'review';
