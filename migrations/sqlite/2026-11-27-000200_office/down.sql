DROP INDEX mails_by_status;
DROP TABLE rejections;
DROP TRIGGER audit_is_never_removed;
DROP TRIGGER audit_is_never_changed;
