DROP TABLE visits;
DROP TABLE refusals;
ALTER TABLE users DROP COLUMN from_networks;
ALTER TABLE accounts DROP COLUMN passwords;
ALTER TABLE accounts DROP COLUMN from_networks;
