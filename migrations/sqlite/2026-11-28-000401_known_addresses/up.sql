-- Addresses from which keys logged in lately, so that a restart forgets nobody who is let in when the door is crowded.

CREATE TABLE known_addresses (
    address TEXT NOT NULL PRIMARY KEY,
    seen BIGINT NOT NULL
);
CREATE INDEX known_addresses_by_time ON known_addresses (seen);
