-- Made-up submissions, {rows} of them, as a year at an authority might bring: fifty manufacturers, of which
-- one sends a third of all; three versions of most vehicles; one in seventeen files fails. Runs on both
-- engines; every value follows from the row's number, so that every run fills the same.

INSERT INTO accounts (code, name, standing, created)
WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 49)
SELECT 'made-' || (10 + n), 'Manufacturer ' || (10 + n), 'active', 1700000000000000 FROM n;

INSERT INTO users (account_id, login, kind, role, standing, display_name, mail_preference, created)
SELECT id, code || '-machine', 'machine', 'upload', 'active', 'Machine of ' || name, 'none', created
FROM accounts WHERE code LIKE 'made-%';

INSERT INTO documents (sha256, size_bytes, octets)
VALUES ('0000000000000000000000000000000000000000000000000000000000000000', 0, '');

INSERT INTO submissions (number, account_id, user_id, door, lane, file_name, path, has_drop, size_bytes, sha256,
    first_byte, complete, status, is_held, attempts, vin, vin_upper, vin_reversed, ivi_version_number,
    manufacturer_stage_number, type_approval_number, vehicle_category, decided, outcome)
WITH RECURSIVE n(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM n WHERE n + 1 < {rows}),
-- Which account, vehicle and outcome; `x` is spread over all numbers of 40 bits.
drawn AS (
    SELECT n, (n * 2654435761) & 1099511627775 AS x,
        CAST(CASE WHEN n * 7919 % 100 < 33 THEN 0 ELSE 1 + n % 49 END AS INTEGER) AS k,
        CAST(n / 3 AS INTEGER) AS v, n * 104729 % 10000 AS o
    FROM n),
made AS (
    SELECT n, x, k, v, o,
        substr('ABCDEFGHJKLMNPRSTUVWXYZ', 1 + k % 23, 1) AS a,
        substr('ZYXWVUTSRPNMLKJHGFEDCBA', 1 + k / 23, 1) AS b,
        substr('TABCD', 1 + v % 5, 1) AS c, substr('PQ', 1 + v % 2, 1) AS d,
        v * 31 % 10 AS e, v / 100000 % 10 AS s1, v / 10000 % 10 AS s2, v / 1000 % 10 AS s3,
        v / 100 % 10 AS s4, v / 10 % 10 AS s5, v % 10 AS s6
    FROM drawn),
named AS (
    SELECT n, x, k, v, o,
        'S' || a || b || 'T' || c || '4K' || e || 'X' || 'V' || d || s1 || s2 || s3 || s4 || s5 || s6 AS vin,
        s6 || '' || s5 || s4 || s3 || s2 || s1 || d || 'V' || 'X' || e || 'K4' || c || 'T' || b || a || 'S' AS niv
    FROM made)
SELECT
    'SUB-' || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 32 & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 1024 & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 32768 & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 1048576 & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 33554432 & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 1073741824 & 31) AS INTEGER), 1)
        || substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', CAST(1 + (x / 34359738368 & 31) AS INTEGER), 1),
    (SELECT min(id) FROM accounts WHERE code LIKE 'made-%') + k,
    CASE WHEN n * 31 % 100 < 92 THEN (SELECT min(id) FROM users WHERE login LIKE 'made-%') + k END,
    CASE WHEN n * 31 % 100 < 90 THEN 'sftp' WHEN n * 31 % 100 < 92 THEN 'web' ELSE 'folder' END,
    'live', vin || '-' || n % 3 || '.xml', '/inbox/' || vin || '-' || n % 3 || '.xml', FALSE, 17614,
    '0000000000000000000000000000000000000000000000000000000000000000',
    1780000000000000 + n * 30000000, 1780000000000000 + n * 30000000 + 250000,
    CASE WHEN o < 9411 THEN 'Succeeded' ELSE 'Failed' END, FALSE, 1,
    vin, vin, niv, 1 + n % 3,
    CASE WHEN v % 100 < 95 THEN 1 WHEN v % 100 < 99 THEN 2 ELSE 3 END,
    'e11*2018/858*' || (10000 + k * 8 + v % 8) || '*' || (10 + v % 7),
    CASE v % 10 WHEN 0 THEN 'N2' WHEN 1 THEN 'N1' WHEN 2 THEN 'M1G' ELSE 'M1' END,
    1780000000000000 + n * 30000000 + 400000,
    CASE WHEN o < 8500 THEN 'accepted' WHEN o < 9300 THEN 'accepted-with-warnings' WHEN o < 9411 THEN 'replayed'
        WHEN o < 9800 THEN 'rejected' WHEN o < 9999 THEN 'duplicate' ELSE 'not-processed' END
FROM named;

INSERT INTO verdicts (submission_id, reason, title, message, retry, errors, warnings, infos, is_truncated)
SELECT id, CASE WHEN status = 'Failed' THEN 'S03' END,
    CASE WHEN status = 'Failed' THEN 'Invalid xml' ELSE 'Accepted' END,
    CASE WHEN status = 'Failed' THEN 'A value does not fit.' ELSE 'The certificate was recorded.' END,
    'no', CASE WHEN status = 'Failed' THEN 1 ELSE 0 END, 0, 0, FALSE
FROM submissions WHERE sha256 = '0000000000000000000000000000000000000000000000000000000000000000';

INSERT INTO findings (submission_id, position, code, severity, layer, line, column_number, path, message, help)
SELECT id, 0, 'S03-pattern', 'error', 'schema', 12, 34, '/InitialVehicleInformation/Header[1]',
    'A value does not fit.', 'Mend it, and send the file again.'
FROM submissions
WHERE sha256 = '0000000000000000000000000000000000000000000000000000000000000000' AND status = 'Failed';

INSERT INTO receipts (submission_id, receipt_id, json, answered)
SELECT id, 'made-' || id, '{"receipt_version": "1", "submission": "' || number || '"}', decided + 100000
FROM submissions WHERE sha256 = '0000000000000000000000000000000000000000000000000000000000000000';

ANALYZE;
