DROP INDEX notices_unsummed;
ALTER TABLE notices DROP COLUMN summed;
