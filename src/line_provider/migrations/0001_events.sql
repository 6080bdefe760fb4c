-- Events as they are, every change of them in the order of the commits, and who is told.
--
-- The service's role may write all of it but the webhooks' and events' identities, and can see nothing outside.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'line_provider') THEN
        CREATE ROLE line_provider NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'line_provider', 'MEMBER') THEN
        EXECUTE format('GRANT line_provider TO %I', current_user);
    END IF;
END
$$;

GRANT USAGE ON SCHEMA line_provider TO line_provider;

-- One row. Whoever changes an event locks it last, so numbers have the order of the commits and no gaps.
CREATE TABLE line_provider.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    change bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO line_provider.head (change) VALUES (0);

CREATE TABLE line_provider.events (
    id text PRIMARY KEY,
    first bigint NOT NULL UNIQUE,  -- the change that made it: the order of the list
    status text NOT NULL,
    suspended boolean NOT NULL,
    sport text,
    deadline bigint NOT NULL,      -- nanoseconds since 1970
    document text NOT NULL         -- JSON: the event as it is answered
);
CREATE INDEX events_open ON line_provider.events (first) WHERE status = 'NEW';

CREATE TABLE line_provider.changes (
    id bigint PRIMARY KEY,
    event text NOT NULL REFERENCES line_provider.events,
    topic text NOT NULL,
    at bigint NOT NULL,
    data text NOT NULL             -- JSON: what the message carries
);
CREATE INDEX changes_by_event ON line_provider.changes (event, id);

CREATE TABLE line_provider.webhooks (
    id text PRIMARY KEY,
    url text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);

-- One row for each change and subscriber; ``due_at`` is when to try next.
CREATE TABLE line_provider.deliveries (
    notice bigint NOT NULL REFERENCES line_provider.changes ON DELETE CASCADE,
    webhook text NOT NULL REFERENCES line_provider.webhooks,
    event text NOT NULL,
    status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'delivered', 'given_up')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    last_tried_at timestamptz,
    PRIMARY KEY (notice, webhook)
);
CREATE INDEX deliveries_due ON line_provider.deliveries (webhook, due_at) WHERE status = 'due';
CREATE INDEX deliveries_in_order ON line_provider.deliveries (webhook, event, notice) WHERE status = 'due';

CREATE FUNCTION line_provider.tell_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('line_provider_changes', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER deliveries_grow AFTER INSERT ON line_provider.deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION line_provider.tell_changed();
