// Package sqlite keeps an archive in one SQLite file: the embedded default of [store.Store].
//
// The file is made to be opened with other tools as well (sqlite3, Datasette, a notebook).
// Tables are named in the singular and are what the program works on; views are named in the
// plural and are for people. Times are RFC 3339 in UTC as text, lists are JSON. Reading is
// always safe. Writing is not, except that nothing can change or delete a decision: triggers
// refuse it.
//
// # Views
//
//	accounts    one row an account, with its numbers, forgotten_at, and invalid_states: signed by
//	            somebody else, kept as evidence
//	posts       text, created_at (claimed), record_key_time (claimed too), first_seen_at and
//	            gone_found_at (our clock; where first_seen_told or gone_found_told is 1, that of
//	            another archive, as its export tells), status (live, deleted, missing, unreadable), signature of the
//	            state that holds it (valid, unchecked, invalid), whom it answers and quotes,
//	            thread_uri with branch (0: main line), position, number and why it was joined
//	threads     root uri, first_text, posts, complete, missing numbers, gaps, claims, topics
//	claims      text, kind, stance, score, topics, status and verdict of its review
//	quantities  numbers with unit and base unit
//	reviews     what people found, newest entries too that were undone (undone = 1); without
//	            their words (forgotten = 1) where the post was forgotten
//	changes     what each fetched state changed: new, changed, deleted; sha256 of the record
//	other_posts posts by others that are answered or quoted, with what became of them
//
// Queries to start from:
//
//	-- posts that were deleted, with when that was found
//	SELECT gone_found_at, handle, text FROM posts WHERE status = 'deleted' ORDER BY 1 DESC;
//
//	-- check-worthy claims about water that nobody has reviewed
//	SELECT time, handle, text, uri FROM claims, json_each(topics) t
//	WHERE t.value = 'water' AND checkworthy AND status = 'new' ORDER BY time DESC;
//
//	-- the numbers that were given for one unit: of energy, the greatest first
//	SELECT base_value, base_unit, text, handle, uri FROM quantities WHERE base_unit = 'Wh' ORDER BY 1 DESC;
//
//	-- a thread in reading order
//	SELECT position, number, text FROM posts WHERE thread_uri = 'at://…' AND branch = 0 ORDER BY position;
//
//	-- posts that exist in several versions
//	SELECT uri, count(*) FROM changes WHERE sha256 <> '' GROUP BY uri HAVING count(*) > 1;
//
//	-- posts by month
//	SELECT substr(record_key_time, 1, 7) AS month, count(*) FROM posts GROUP BY month;
//
// # Evidence
//
//	account     id, did; handle, pds, label, status, fetched_at, analysis (version), hide_guest,
//	            whole (1: no record of the head state is missing), complete (1: nor of any other);
//	            posts, threads, claims: live ones, counted whenever they change
//	identity    what the network said of an account at a time: handle, pds, status, DID document;
//	            placed_at: where it stands among the others, if not at its time, since the clock
//	            had gone back when it was seen; told_by and told_at as in sighting
//	plc_log     the directory's audit log as received
//	collection  names of collections
//	state       a signed commit: position in the order of (rev, cid), rev, cid, data (root of the
//	            tree), signed (the block as received), key that verified it, signature; seen_at:
//	            when it was first seen; seen_by_at: when it or any later state was; seen_told,
//	            seen_by_told: 1 where only another archive tells that. One that
//	            somebody else signed is invalid, has the position 0, and stands apart
//	sighting    each time a state was seen: at, host, source; placed_at as in identity. told_by and
//	            told_at: another archive tells so, with this import and then; empty: we saw it ourselves
//	manifest    what a state changed at a path: cid is the record's hash, NULL if it went. What
//	            stood at a path in a state is the newest change up to that state's position. Of
//	            invalid states account is negative, and changes are told among them, by (rev, cid)
//	record      the bytes of a record as signed (DAG-CBOR). Its CID is the SHA-256 hash of bytes;
//	            prefix is the first 8 bytes of it, by which it is found
//	blob        a file that posts refer to: cid, type, size, state (kept, too large, gone,
//	            mismatch, unavailable) with at, host and why. Its bytes are beside the archive,
//	            in FILE.media, under its cid
//	other_post  a post by somebody else that is answered or quoted: uri, handle; state (found,
//	            deleted, blocked, not found, account gone, unavailable) with at, host and why;
//	            hide_guest; likes, reposts, replies, quotes as an AppView counted them at counted_at
//	other_version  each version of it that was seen: cid, record; proof (CAR), key and signature
//	            where its author's server gave it; host and seen_at. Shown is one that is valid,
//	            else one that we had from a server, of those the last
//
// A cid of 32 bytes is the SHA-256 hash in a CID of a DAG-CBOR block (all records, states,
// trees); any other would be the whole CID. An rkey that is a TID is kept as its number, of
// which rkey >> 10 is the time in microseconds since 1970; others are text. The views
// record_key and post_uri show them all as text.
//
// # What is derived
//
//	post         id; account, rkey; record; status: live, deleted, missing (the bytes were never to
//	             be had), unreadable (the bytes are kept and are no post); age: microseconds since
//	             1970 by the record key, else createdAt; lang; has_link, has_media, has_number; words: version of
//	             the index words. text_start and text_length are a window on the bytes of the
//	             record, so that no text is kept twice: substr(bytes, text_start + 1, text_length).
//	             created_…, root_…, parent_… and quote_… are windows in the same way
//	reading      passages: what the machine read in a post, as packed.go explains; no row if it
//	             was not analysed
//	posting      index of words: for each term the posts that have it, from the post first on;
//	             places: where a word stands in each. A term is a word (elision stripped, folded),
//	             a stem that stands beside a word (~datacent), or a property with a colon
//	             (topic:water, has:link, host:iea.org, post: for all posts; without:number and
//	             without:source for posts with a claim that lacks one)
//	family       the words of the index by their French and English stems
//	phrase       what the analysis says again and again, by numbers: topics, rules, reasons
//	topic        names of topics
//	topic_tag    topics of the passage of a post that starts at start_byte
//	claim        id, post, start_byte and end_byte in its text; checkworthy, has_number, score,
//	             kind, stance; status, verdict, dismissal, reviewer, reviewed_at, agree, disagree
//	             as the decisions say; outdated: the last review judged other words
//	former_claim earlier ids, with the claim that each has become (NULL: none)
//	thread       root (a post), age, complete, numbered, total and missing numbers, gaps; digest of
//	             all that was put, by which a thread that changed is known
//	thread_post  post, thread, branch (0: main line), position, number it carries, reason
//	reason       why posts were joined
//
// topic_tag and claim hold people's corrections; reading does not. All of these can be
// made again from evidence and decisions.
//
// # What people wrote
//
//	decision    id (from its content), kind, did (account it speaks of), subject (claim id, post
//	            uri or decision id), author, at, body (JSON)
//
// # What was forgotten
//
//	forgotten        uri of the post, or at://DID for a whole account; at and decided_by: when
//	                 and who; answers and root: whom the post answered, where that is the same
//	                 account, so that its thread shows the gap in its place
//	forgotten_claim  ids of the claims of a forgotten post, so that a later word on one of
//	                 them is known to be about it
//	meta             "to overwrite": forgotten words may still be in the file's raw bytes
//
// Of what is forgotten there is no record, no derived row, no word in the index and no copy
// in other_version. Its entries in the manifest stay, path and hash, so that every state
// still rebuilds to the root that was signed.
//
// A decision about it keeps its row with id, kind, did, subject, author and at. Its body keeps
// what is no word: status, verdict, dismissal, duplicate_of, supersedes, adds, review, post, cid,
// start, end, uris, each as it was; and gets "forgotten", the uri that was forgotten. The
// trigger that protects decisions allows exactly this change, and only while that uri stands
// in the table forgotten. The id came from the words, so it can no longer be made from what
// is left: an import takes such an entry only where it takes over the whole account, with
// what was forgotten of it.
//
// Words stay in the file in three ways, which Overwrite ends: phrase and topic keep names that
// only forgotten posts had (it reads all of reading to know which), free pages and gaps inside
// of pages keep old bytes (VACUUM), the log keeps old pages (a checkpoint that cuts it off).
//
// # Choices
//
// Post ids are the second of a post's age, counted from 2020, or a free number soon behind: so
// they grow with time across all accounts, and the newest hits of a search are the last. The
// index is our own lists and not FTS5, because a search of a million posts often is about a
// common word and a common property that meet in a few posts: FTS5 steps through both row by
// row, and ranks each at the price of a look at all posts with the word. Lists also take half
// the room, hold properties that change without the text (topics, reviews), and leave
// inflection to the query: a stem is looked up in family, so that no word is kept twice.
//
// A query is answered by cursors (cursor.go), which walk through the lists from the newest post
// down and skip the rows that cannot hold the next post that is asked for. So a rare word makes
// its query cheap, the first page of anything is cheap, and no list of a million posts is ever
// held. Up to [store.MostCounted] hits are counted and ranked; where there are more, the newest
// are, and the search says so. How rare a word is, is told from how much of the index it takes;
// a phrase is as rare as its words together. The words that begin like a prefix, often
// thousands, are read at once where they are rare.
//
// The manifest is one list of changes with the path first: a path's history is together, and a
// whole state is read in one pass, without an order by state. Everything is written in one
// transaction by one connection, in WAL mode, synced to the disk on commit. Only what fills an
// empty archive is written without the log, as first.go explains; nothing is built aside and
// swapped in, which others who have the file open would not notice.
//
// # What was measured
//
// Of an import as it was first written, two thirds of the time went to this package. What
// helped:
//
//   - rows some hundred at a time, which a virtual table (feed.go) shows to an INSERT … SELECT:
//     binding the values of a wide row as parameters takes twice as long
//   - OR FAIL, so that a statement of many rows needs no savepoint
//   - no log for the first rows, and the two indexes without an order made after them
//   - appending what was read in a post instead of marshalling it: half of the time of that
//   - sorted runs in a temporary file for changes of the index that are too many to be held
//     (runs.go): with the vocabulary of real texts most words are rare, and bringing changes
//     into the file whenever 8 MB were held rewrote most rows each time, five of the seven
//     seconds that 100,000 posts took
//   - a goroutine that makes the words while rows are written (worker.go), where an archive is
//     filled or its index made anew, and one that makes the rows of a new index
//   - indexes that hold only what is asked for: of ids far from their time, of no topics
//   - phrases and ids of claims that are not kept again with every post: an eighth of a file
//     with many claims
//   - 8 MB of pages for who writes instead of 64, which the allocator made 128, since it gives a
//     page of 8 KB a slot of 16: no slower
//   - half a prefix to find a record that was kept already, while there is no index of them: the
//     other half took as much room as a tenth of a large import
//
// Not worth it: statements of more than some hundred rows; holding more than 8 MB of changes of
// the index before they are put aside; a prefix index of FTS5 (163 bytes a post), while there was one.
package sqlite
