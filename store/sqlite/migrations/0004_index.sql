-- The index of words. A row holds some of the posts that have a term, from the post first
-- on: postings.go explains the bytes. The program fills it from the records when it opens
-- the archive.
DROP TABLE post_words;
DROP TABLE link;

CREATE TABLE posting (
	term   TEXT NOT NULL,
	first  INTEGER NOT NULL,
	posts  BLOB NOT NULL,
	places BLOB NOT NULL,
	PRIMARY KEY (term, first)
) STRICT, WITHOUT ROWID;

-- The words of the index by their stems, of words that are not their own stem.
CREATE TABLE family (
	stem TEXT NOT NULL,
	word TEXT NOT NULL,
	PRIMARY KEY (stem, word)
) STRICT, WITHOUT ROWID;
