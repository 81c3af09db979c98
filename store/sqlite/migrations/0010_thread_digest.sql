-- What was put, in short: to know which threads of an account have changed without
-- reading all that is in them. NULL: put by an earlier version.
ALTER TABLE thread ADD COLUMN digest INTEGER;
