-- What the portal needs beside submissions: requests for accounts, mailed links, invitations, terms,
-- verification codes, and the audit log.

-- Must the password be changed at the next sign-in? When does it let nobody in any more?
ALTER TABLE credentials ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE credentials ADD COLUMN ends BIGINT;

-- "Don't show this again" of the question whether to stay signed in.
ALTER TABLE users ADD COLUMN is_asked_to_stay BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE web_sessions ADD COLUMN is_kept BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX web_sessions_of_user ON web_sessions (user_id);

-- Requests for an account, from the form to the decision.
CREATE TABLE registrations (
    id INTEGER NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    mail TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    status TEXT NOT NULL,
    created BIGINT NOT NULL,
    confirmed BIGINT,
    decided BIGINT,
    reason TEXT,
    account_id BIGINT REFERENCES accounts (id)
);
CREATE INDEX registrations_by_status ON registrations (status, confirmed, id);

-- Links that were mailed: the SHA-256 of what they carry. Each works once.
CREATE TABLE links (
    token TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    registration_id BIGINT REFERENCES registrations (id),
    user_id BIGINT REFERENCES users (id),
    ends BIGINT NOT NULL,
    used BIGINT
);
CREATE INDEX links_of_user ON links (user_id);
CREATE INDEX links_by_end ON links (ends);

-- Who was invited by whom; the row's number, counted from 1000, is the reference people see.
CREATE TABLE invitations (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    invited_by TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX invitations_of_user ON invitations (user_id);

-- The terms and conditions, all versions ever in force.
CREATE TABLE terms (
    version BIGINT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    published BIGINT NOT NULL
);

-- Who agreed to which version; for a machine user, the person who declared it.
CREATE TABLE agreements (
    user_id BIGINT NOT NULL REFERENCES users (id),
    version BIGINT NOT NULL REFERENCES terms (version),
    by_user_id BIGINT NOT NULL REFERENCES users (id),
    agreed BIGINT NOT NULL,
    PRIMARY KEY (user_id, version)
);

-- Verification codes that were shown and not answered yet.
CREATE TABLE challenges (
    token TEXT NOT NULL PRIMARY KEY,
    answer TEXT NOT NULL,
    created BIGINT NOT NULL,
    tries INTEGER NOT NULL
);
CREATE INDEX challenges_by_age ON challenges (created);

-- Who did what. Rows are added, never changed; each is hashed with the one before.
INSERT INTO counters (name, value) VALUES ('audit', 0);
CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY,
    deed TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    remote_ip TEXT,
    digest TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);
