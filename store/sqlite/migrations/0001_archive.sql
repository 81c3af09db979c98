-- What tables are called: one row of `post` is one post; `posts`, in the plural, is the
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
	words          TEXT NOT NULL,
	passages       TEXT
) STRICT;
CREATE UNIQUE INDEX post_rkey ON post (account, rkey);
CREATE INDEX post_age ON post (account, age);

CREATE VIRTUAL TABLE post_words USING fts5 (
	word, stem,
	content = '', contentless_delete = 1,
	tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);

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
