-- What is forgotten: a post by its URI, a whole account as at://DID. The words are gone;
-- path and CID stay in the manifest.
CREATE TABLE forgotten (
	uri        TEXT PRIMARY KEY,
	at         TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	answers    TEXT NOT NULL, -- what the post answered, and the first of that conversation,
	root       TEXT NOT NULL  -- where they are by the same account
) STRICT, WITHOUT ROWID;

-- Ids of claims of forgotten posts, so that a word on one of them is known to be about it.
CREATE TABLE forgotten_claim (
	id  TEXT NOT NULL,
	uri TEXT NOT NULL,
	PRIMARY KEY (id, uri)
) STRICT, WITHOUT ROWID;

-- A decision may lose its words when what it is about is forgotten, and nothing else: who
-- decided what kind of thing and when stays, and no member of its body changes or comes in
-- but the one that says so.
DROP TRIGGER decision_is_never_changed;
CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
WHEN NOT (
	(new.id, new.kind, new.did, new.subject, new.author, new.at) IS (old.id, old.kind, old.did, old.subject, old.author, old.at)
	AND CASE WHEN json_valid(new.body) THEN
		EXISTS (SELECT 1 FROM forgotten WHERE uri = new.body ->> 'forgotten')
		AND NOT EXISTS (SELECT 1 FROM json_each(new.body) n WHERE n.key <> 'forgotten' AND NOT EXISTS (
			SELECT 1 FROM json_each(old.body) o WHERE o.key = n.key AND o.type = n.type AND o.value IS n.value))
	ELSE 0 END
)
BEGIN SELECT raise(ABORT, 'what people decided is never changed'); END;

DROP VIEW accounts;
CREATE VIEW accounts AS
SELECT a.did, a.handle, a.label, a.pds, a.status, a.posts, a.threads, a.claims,
	(SELECT count(*) FROM state s WHERE s.account = a.id) AS states,
	substr(a.fetched_at, 1, 19) || 'Z' AS fetched_at, a.analysis,
	(SELECT substr(f.at, 1, 19) || 'Z' FROM forgotten f WHERE f.uri = 'at://' || a.did) AS forgotten_at
FROM account a;

DROP VIEW reviews;
CREATE VIEW reviews AS
SELECT d.id, d.subject AS claim, d.did, d.author, substr(d.at, 1, 19) || 'Z' AS at,
	d.body ->> 'status' AS status, d.body ->> 'verdict' AS verdict, d.body ->> 'dismissal' AS dismissal,
	d.body ->> 'summary' AS summary, d.body ->> 'note' AS note, d.body ->> 'sources' AS sources,
	d.body ->> 'claim_restated' AS claim_restated, d.body ->> 'published_url' AS published_url,
	d.body ->> 'post' AS uri, d.body ->> 'text' AS text,
	EXISTS (SELECT 1 FROM decision x WHERE x.kind = 'undo' AND x.subject = d.id
		AND NOT EXISTS (SELECT 1 FROM decision y WHERE y.kind = 'undo' AND y.subject = x.id)) AS undone,
	d.body ->> 'forgotten' IS NOT NULL AS forgotten
FROM decision d WHERE d.kind = 'review';
