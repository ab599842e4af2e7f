-- How an account hands its files in: the ending of its done-markers, and patterns of names that are
-- never looked at, one a line.
ALTER TABLE accounts ADD COLUMN done_marker TEXT;
ALTER TABLE accounts ADD COLUMN ignored TEXT NOT NULL DEFAULT '';
