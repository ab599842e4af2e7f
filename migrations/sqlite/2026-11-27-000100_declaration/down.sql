ALTER TABLE submissions DROP COLUMN terms_version;
