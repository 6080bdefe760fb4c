-- How people get into their account besides by a password: tokens to set a new one, and a second factor.

-- The role of whoever logs in. API keys have roles of their own.
ALTER TABLE evens.logins ADD COLUMN role text NOT NULL DEFAULT 'customer';
ALTER TABLE evens.logins ADD CONSTRAINT logins_role CHECK (role IN ('customer', 'service', 'operator', 'admin'));

-- One for each customer: a new one replaces the one before.
CREATE TABLE evens.reset_tokens (
    customer bigint PRIMARY KEY REFERENCES evens.customers,
    token_hash bytea NOT NULL UNIQUE,             -- SHA-256
    expires_at timestamptz NOT NULL,
    made_by text NOT NULL
);

CREATE TABLE evens.second_factors (
    customer bigint PRIMARY KEY REFERENCES evens.customers,
    sealed_secret bytea NOT NULL,                 -- encrypted with a key that follows from the installation's secret
    confirmed_at timestamptz,                     -- counts only from then on
    last_step bigint NOT NULL DEFAULT 0           -- the 30 s of the last code that was taken: each is good once
);
CREATE TABLE evens.recovery_codes (
    customer bigint NOT NULL REFERENCES evens.second_factors ON DELETE CASCADE,
    code_hash bytea NOT NULL,                     -- SHA-256; a code has 80 random bits
    PRIMARY KEY (customer, code_hash)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON evens.reset_tokens, evens.second_factors, evens.recovery_codes TO evens_app;
