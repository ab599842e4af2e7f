-- Where users may come from, who was refused and why, and who is in.

ALTER TABLE accounts ADD COLUMN from_networks TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN passwords BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE users ADD COLUMN from_networks TEXT NOT NULL DEFAULT '';

-- Log-ins that were refused; the newest of each account, and of nobody's.
CREATE TABLE refusals (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id),
    login TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    fingerprint TEXT,
    client TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    times BIGINT NOT NULL
);
CREATE INDEX refusals_of_account ON refusals (account_id, id);

-- SFTP sessions that are open, as their node last said.
CREATE TABLE visits (
    id TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    credential TEXT NOT NULL,
    began BIGINT NOT NULL,
    last_request BIGINT NOT NULL,
    files BIGINT NOT NULL,
    octets BIGINT NOT NULL,
    is_end_asked BOOLEAN NOT NULL
);
CREATE INDEX visits_of_node ON visits (node);
