-- On which version of the terms a submission rests: the newest that its user had agreed to, or that was
-- declared for it, when it came.
ALTER TABLE submissions ADD COLUMN terms_version BIGINT;
