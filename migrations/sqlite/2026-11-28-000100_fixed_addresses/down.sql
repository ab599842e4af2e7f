DROP TABLE fixed_addresses;
