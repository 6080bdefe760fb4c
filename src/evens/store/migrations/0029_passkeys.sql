-- Passkeys: public keys with which their customers prove who they are, each known to one authenticator alone.

CREATE TABLE evens.passkeys (
    id uuid PRIMARY KEY,
    credential_id bytea NOT NULL UNIQUE,   -- how the authenticator calls it
    customer bigint NOT NULL REFERENCES evens.customers,
    public_key bytea NOT NULL,             -- as COSE has it
    sign_count bigint NOT NULL,            -- how often it was used, where the authenticator counts that
    name text NOT NULL,                    -- what its owner calls it
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz
);
CREATE INDEX passkeys_by_customer ON evens.passkeys (customer);

-- Challenges that were answered, until nobody could answer them any more: each is good once.
CREATE TABLE evens.passkey_challenges (
    challenge_hash bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON evens.passkeys, evens.passkey_challenges TO evens_app;
