-- When a daily summary told of the notice, or found that nobody wants one. Windows have `closed`.
ALTER TABLE notices ADD COLUMN summed BIGINT;
CREATE INDEX notices_unsummed ON notices (account_id, decided) WHERE summed IS NULL;
