-- Sessions as rows of their own: who is logged in where, until when, and which have ended. Every server hears at once of
-- a session that ends and of an API key that is revoked, whoever ends it, because triggers tell it.

CREATE TABLE evens.sessions (
    id uuid PRIMARY KEY,           -- also the family of its refresh tokens, and in its access tokens
    customer bigint NOT NULL REFERENCES evens.customers,
    begun_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),   -- when it was last given tokens
    expires_at timestamptz NOT NULL,              -- when its newest refresh token does
    ended_at timestamptz,
    second_factor boolean NOT NULL DEFAULT false, -- whether it was begun with one
    address text,                  -- the client's, when the session began
    client text                    -- what the client called itself then
);
CREATE INDEX sessions_by_customer ON evens.sessions (customer);
CREATE INDEX sessions_ended ON evens.sessions (ended_at) WHERE ended_at IS NOT NULL;

INSERT INTO evens.sessions (id, customer, expires_at, ended_at)
    SELECT family, min(customer), max(expires_at), max(ended_at) FROM evens.refresh_tokens GROUP BY family;

ALTER TABLE evens.refresh_tokens
    DROP COLUMN customer,
    DROP COLUMN ended_at,
    ADD CONSTRAINT refresh_tokens_of_session FOREIGN KEY (family) REFERENCES evens.sessions ON DELETE CASCADE;

-- A key that is bound to a session is revoked when the session ends, and refused once it has expired.
ALTER TABLE evens.api_keys ADD COLUMN session uuid;
CREATE INDEX api_keys_by_session ON evens.api_keys (session) WHERE session IS NOT NULL;
CREATE INDEX api_keys_live_by_customer ON evens.api_keys (customer) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_live_by_maker ON evens.api_keys (created_by) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_by_name ON evens.api_keys (role, name);

-- Where each customer has logged in from: somebody who guesses elsewhere must not keep them out from there.
CREATE TABLE evens.known_places (
    customer bigint NOT NULL REFERENCES evens.customers,
    place text NOT NULL,           -- an IPv4 address, or the /64 network of an IPv6 address
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer, place)
);

CREATE FUNCTION evens.tell_session_ended() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('evens_credentials', 'session ' || NEW.id);
    UPDATE evens.api_keys SET revoked_at = now() WHERE session = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER session_ended AFTER UPDATE OF ended_at ON evens.sessions
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL)
    EXECUTE FUNCTION evens.tell_session_ended();

CREATE FUNCTION evens.tell_api_key_revoked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('evens_credentials', 'key ' || NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER api_key_revoked AFTER UPDATE OF revoked_at ON evens.api_keys
    FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL)
    EXECUTE FUNCTION evens.tell_api_key_revoked();

-- In the transaction that freezes them, whoever or whatever froze them.
CREATE FUNCTION evens.end_credentials_of_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE evens.sessions SET ended_at = now() WHERE customer = NEW.id AND ended_at IS NULL;
    UPDATE evens.api_keys SET revoked_at = now() WHERE customer = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER customer_frozen AFTER UPDATE OF frozen ON evens.customers
    FOR EACH ROW WHEN (NEW.frozen AND NOT OLD.frozen)
    EXECUTE FUNCTION evens.end_credentials_of_frozen();

GRANT SELECT, INSERT, UPDATE, DELETE ON evens.sessions, evens.known_places TO evens_app;

-- What the functions above do is more than those of the journal's tables need.
DO $$
BEGIN
    IF to_regrole('evens_functions') IS NOT NULL THEN
        GRANT SELECT, UPDATE (ended_at) ON evens.sessions TO evens_functions;
        GRANT SELECT, UPDATE (revoked_at) ON evens.api_keys TO evens_functions;
    END IF;
END
$$;
