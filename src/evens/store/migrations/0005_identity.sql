-- Who is calling. None of this is in the journal: it is secret, personal and has to be erasable.

CREATE TABLE evens.logins (
    customer bigint PRIMARY KEY REFERENCES evens.customers,
    email text,
    password_hash text,            -- argon2id, with its own salt and parameters
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX logins_by_email ON evens.logins (lower(email));

CREATE TABLE evens.api_keys (
    id text PRIMARY KEY,
    key_hash bytea NOT NULL UNIQUE, -- SHA-256; the key itself is shown once and never stored
    role text NOT NULL CHECK (role IN ('customer', 'service', 'operator', 'admin')),
    customer bigint REFERENCES evens.customers,
    name text NOT NULL,
    created_by text NOT NULL,
    request text NOT NULL,         -- what was asked for, to tell a repeated request from another one under the same key
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    CHECK (role <> 'customer' OR customer IS NOT NULL)
);

-- A family is one login; each refresh replaces its token. A token that comes back after its use ends the family.
CREATE TABLE evens.refresh_tokens (
    token_hash bytea PRIMARY KEY,
    family uuid NOT NULL,
    customer bigint NOT NULL REFERENCES evens.customers,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX refresh_tokens_by_family ON evens.refresh_tokens (family);

GRANT SELECT, INSERT, UPDATE, DELETE ON evens.logins, evens.refresh_tokens TO evens_app;
GRANT SELECT, INSERT, UPDATE ON evens.api_keys TO evens_app;
