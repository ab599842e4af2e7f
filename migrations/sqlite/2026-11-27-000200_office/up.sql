-- What the back office needs: the audit log only grows, and staff end held submissions.

-- Whoever changes the log must take these away first, and then breaks the chain of digests.
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are never changed');
END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are never removed');
END;

-- The sentence with which staff end a held submission; the pipeline files it.
CREATE TABLE rejections (
    submission_id BIGINT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    sentence TEXT NOT NULL
);

-- The outbox by where a mail stands.
CREATE INDEX mails_by_status ON mails (status, id);
