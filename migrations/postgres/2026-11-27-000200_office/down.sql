DROP INDEX mails_by_status;
DROP TABLE rejections;
DROP TRIGGER audit_is_never_emptied ON audit;
DROP TRIGGER audit_is_never_changed ON audit;
DROP FUNCTION audit_refuses;
