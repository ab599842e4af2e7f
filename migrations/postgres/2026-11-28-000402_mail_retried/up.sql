-- When somebody had a mail tried again: the time after which it is given up counts from there.
ALTER TABLE mails ADD COLUMN retried BIGINT;
