-- What the back office needs: the audit log only grows, and staff end held submissions.

-- Whoever changes the log must take these away first, and then breaks the chain of digests.
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit log are never changed or removed';
END;
$$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuses();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses();

-- The sentence with which staff end a held submission; the pipeline files it.
CREATE TABLE rejections (
    submission_id BIGINT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    sentence TEXT COLLATE "C" NOT NULL
);

-- The outbox by where a mail stands.
CREATE INDEX mails_by_status ON mails (status, id);
