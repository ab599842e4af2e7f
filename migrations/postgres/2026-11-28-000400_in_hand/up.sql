-- When a sent upload was last in somebody's hands: one of several nodes takes in what was left over.
ALTER TABLE uploads ADD COLUMN in_hand BIGINT;
