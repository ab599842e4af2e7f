ALTER TABLE uploads DROP COLUMN in_hand;
