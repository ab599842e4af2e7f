-- The first tables. The same tables and columns as migrations/postgres; a test compares them.
-- Instants are microseconds since 1970, in UTC. Words are those of src/domain.

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
-- Counts up with every change of accounts, users or credentials.
INSERT INTO counters (name, value) VALUES ('roster', 1);

CREATE TABLE accounts (
    id INTEGER NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    standing TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id),
    login TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    standing TEXT NOT NULL,
    display_name TEXT NOT NULL,
    mail TEXT,
    mail_preference TEXT NOT NULL,
    contact_id BIGINT REFERENCES users (id),
    created BIGINT NOT NULL
);
CREATE INDEX users_of_account ON users (account_id);

CREATE TABLE credentials (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    verifier TEXT NOT NULL,
    fingerprint TEXT UNIQUE,
    label TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT
);
CREATE INDEX credentials_of_user ON credentials (user_id);

-- Octets as they came, compressed by zstd.
CREATE TABLE documents (
    sha256 TEXT NOT NULL PRIMARY KEY,
    size_bytes BIGINT NOT NULL,
    octets BLOB NOT NULL
);

-- The connections that files came over.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    key_fingerprint TEXT
);

CREATE TABLE submissions (
    id INTEGER NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    user_id BIGINT REFERENCES users (id),
    session_id TEXT REFERENCES sessions (id),
    door TEXT NOT NULL,
    lane TEXT NOT NULL,
    file_name TEXT NOT NULL,
    path TEXT NOT NULL,
    has_drop BOOLEAN NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES documents (sha256),
    first_byte BIGINT NOT NULL,
    complete BIGINT NOT NULL,
    given_up TEXT,
    status TEXT NOT NULL,
    is_held BOOLEAN NOT NULL,
    held_why TEXT,
    attempts INTEGER NOT NULL,
    claimed_by TEXT,
    lease_until BIGINT,
    vin TEXT,
    -- The VIN in upper case, forwards and backwards, so that `STZ*` and `*782332` use an index.
    vin_upper TEXT,
    vin_reversed TEXT,
    ivi_version_number INTEGER,
    manufacturer_stage_number INTEGER,
    type_approval_number TEXT,
    vehicle_category TEXT,
    decided BIGINT,
    outcome TEXT
);
CREATE INDEX submissions_newest ON submissions (complete, id);
CREATE INDEX submissions_newest_of_account ON submissions (account_id, complete, id);
CREATE INDEX submissions_by_vin ON submissions (vin_upper);
CREATE INDEX submissions_by_vin_reversed ON submissions (vin_reversed);
CREATE INDEX submissions_undecided ON submissions (id) WHERE decided IS NULL;
CREATE INDEX submissions_by_status ON submissions (status, complete, id);

CREATE TABLE verdicts (
    submission_id BIGINT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    reason TEXT,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    retry TEXT NOT NULL,
    duplicate_of TEXT,
    errors INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    infos INTEGER NOT NULL,
    is_truncated BOOLEAN NOT NULL,
    ivi_reference_id TEXT,
    vehicle_type TEXT,
    variant TEXT,
    version TEXT
);

CREATE TABLE findings (
    submission_id BIGINT NOT NULL REFERENCES submissions (id),
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    layer TEXT NOT NULL,
    line BIGINT,
    column_number BIGINT,
    path TEXT NOT NULL,
    value TEXT,
    expected TEXT,
    message TEXT NOT NULL,
    help TEXT NOT NULL,
    PRIMARY KEY (submission_id, position)
);

-- Accepted documents. The unique key is the one place that decides what is a duplicate.
CREATE TABLE records (
    submission_id BIGINT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    vin TEXT NOT NULL,
    ivi_version_number INTEGER NOT NULL,
    manufacturer_stage_number INTEGER NOT NULL,
    ivi_reference_id TEXT,
    type_approval_number TEXT,
    recorded BIGINT NOT NULL,
    UNIQUE (vin, ivi_version_number, manufacturer_stage_number)
);
CREATE INDEX records_by_reference ON records (ivi_reference_id);

CREATE TABLE receipts (
    submission_id BIGINT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    receipt_id TEXT NOT NULL UNIQUE,
    json TEXT NOT NULL,
    answered BIGINT
);
CREATE INDEX receipts_unanswered ON receipts (submission_id) WHERE answered IS NULL;

-- The files that lie in the drop folders and were taken in.
CREATE TABLE drops (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    path TEXT NOT NULL,
    inode BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    submission_id BIGINT NOT NULL REFERENCES submissions (id),
    PRIMARY KEY (account_id, path)
);

-- Outcomes that people are to be told of; `closed` once they are in a mail or nobody wants them.
CREATE TABLE notices (
    id INTEGER NOT NULL PRIMARY KEY,
    submission_id BIGINT NOT NULL UNIQUE REFERENCES submissions (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    is_failure BOOLEAN NOT NULL,
    decided BIGINT NOT NULL,
    closed BIGINT
);
CREATE INDEX notices_waiting ON notices (account_id, is_failure, decided) WHERE closed IS NULL;

CREATE TABLE mails (
    id INTEGER NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    user_id BIGINT REFERENCES users (id),
    account_id BIGINT REFERENCES accounts (id),
    message_id TEXT NOT NULL,
    reference_ids TEXT,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    csv TEXT,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Null once it is sent or given up.
    next_attempt BIGINT,
    lease_until BIGINT,
    created BIGINT NOT NULL,
    last_answer TEXT,
    UNIQUE (message_id, recipient)
);
CREATE INDEX mails_due ON mails (next_attempt) WHERE next_attempt IS NOT NULL;
CREATE INDEX mails_of_account ON mails (account_id, created);

CREATE TABLE mail_attempts (
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    started BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    is_success BOOLEAN NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (mail_id, started)
);

CREATE TABLE web_sessions (
    token TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL
);
CREATE INDEX web_sessions_by_age ON web_sessions (created);
