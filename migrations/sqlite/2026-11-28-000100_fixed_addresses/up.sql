-- Addresses that hear of an account's outcomes without being a user's.

CREATE TABLE fixed_addresses (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    mail TEXT NOT NULL,
    mail_preference TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (account_id, mail)
);
