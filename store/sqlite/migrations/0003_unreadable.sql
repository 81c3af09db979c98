-- A post that was edited into bytes that are no post is neither live nor missing. The
-- table's rows stay as they are: only what its statuses may be is written anew.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''deleted'', ''missing''', '''deleted'', ''missing'', ''unreadable''')
	WHERE type = 'table' AND name = 'post';
PRAGMA writable_schema = RESET;
