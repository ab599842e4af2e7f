DROP INDEX audit_by_time;
DROP INDEX audit_by_action;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_subject;
CREATE INDEX audit_by_subject ON audit (subject, id);
