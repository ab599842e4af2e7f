-- What the portal's lists find their rows by, each with the order of the list behind it, so that neither
-- a rare value nor a common one makes anybody look at all rows. `docs/performance.md` has the figures.

-- With the VIN, so that one can be looked for in the middle without touching the rows themselves.
DROP INDEX submissions_newest;
CREATE INDEX submissions_newest ON submissions (complete, id, vin_upper);
DROP INDEX submissions_newest_of_account;
CREATE INDEX submissions_newest_of_account ON submissions (account_id, complete, id, vin_upper);

-- With the account, for the same reason.
DROP INDEX submissions_by_vin;
CREATE INDEX submissions_by_vin ON submissions (vin_upper, complete, id, account_id);
DROP INDEX submissions_by_vin_reversed;
CREATE INDEX submissions_by_vin_reversed ON submissions (vin_reversed, complete, id, account_id);
CREATE INDEX submissions_by_approval ON submissions (type_approval_number, complete, id, account_id);
CREATE INDEX submissions_by_file_name ON submissions (file_name, complete, id, account_id);
CREATE INDEX submissions_by_user ON submissions (user_id, complete, id, account_id);

CREATE INDEX submissions_by_status_of_account ON submissions (account_id, status, complete, id);
CREATE INDEX submissions_by_outcome ON submissions (outcome, complete, id);
CREATE INDEX submissions_by_outcome_of_account ON submissions (account_id, outcome, complete, id);
CREATE INDEX submissions_by_door ON submissions (door, complete, id);
CREATE INDEX submissions_by_door_of_account ON submissions (account_id, door, complete, id);
CREATE INDEX submissions_by_stage ON submissions (manufacturer_stage_number, complete, id);
CREATE INDEX submissions_by_stage_of_account ON submissions (account_id, manufacturer_stage_number, complete, id);
