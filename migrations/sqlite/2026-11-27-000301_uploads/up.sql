-- The upload page: files that were added and not sent yet, and what became of those that were.

CREATE TABLE uploads (
    id INTEGER NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    created BIGINT NOT NULL,
    -- Octets of its files that wait to be sent, as they came.
    waiting_bytes BIGINT NOT NULL,
    sent BIGINT,
    lane TEXT,
    -- When the last of its files had become a submission.
    taken BIGINT
);
CREATE INDEX uploads_waiting ON uploads (user_id, id) WHERE sent IS NULL;
CREATE INDEX uploads_not_taken ON uploads (id) WHERE taken IS NULL;

CREATE TABLE upload_files (
    id TEXT NOT NULL PRIMARY KEY,
    upload_id BIGINT NOT NULL REFERENCES uploads (id),
    file_name TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT,
    -- Compressed by zstd; null once the file is a submission, and if it was refused.
    octets BLOB,
    refusal TEXT,
    added BIGINT NOT NULL,
    submission_id BIGINT REFERENCES submissions (id)
);
CREATE INDEX upload_files_of_upload ON upload_files (upload_id, id);
