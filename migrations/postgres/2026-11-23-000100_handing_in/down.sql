ALTER TABLE accounts DROP COLUMN ignored;
ALTER TABLE accounts DROP COLUMN done_marker;
