-- What the audit log is looked through by: to what, who, what and when, each in the order of time.
DROP INDEX audit_by_subject;
CREATE INDEX audit_by_subject ON audit (subject, at, id);
CREATE INDEX audit_by_actor ON audit (actor, at, id);
CREATE INDEX audit_by_action ON audit (action, at, id);
CREATE INDEX audit_by_time ON audit (at, id);
