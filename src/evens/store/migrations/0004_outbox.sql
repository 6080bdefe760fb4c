-- Notice to the outside: what subscribers are to hear of, written in the transaction that made it true.

CREATE TABLE evens.webhooks (
    id text PRIMARY KEY,
    url text NOT NULL,
    topics text[] NOT NULL CHECK (cardinality(topics) > 0),
    secret text NOT NULL,
    created_by text NOT NULL,
    request text NOT NULL,         -- what was asked for, to tell a repeated request from another one under the same key
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);

CREATE TABLE evens.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    topic text NOT NULL,
    data text NOT NULL             -- JSON
);

-- One row for each notice and subscriber; ``due_at`` is when to try next.
CREATE TABLE evens.deliveries (
    notice bigint NOT NULL REFERENCES evens.outbox,
    webhook text NOT NULL REFERENCES evens.webhooks,
    status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'delivered', 'given_up')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    PRIMARY KEY (notice, webhook)
);
CREATE INDEX deliveries_due ON evens.deliveries (due_at) WHERE status = 'due';

-- The writer leaves out notices nobody subscribed to, and hears through this channel when that changes.
CREATE FUNCTION evens.tell_topics_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('evens_topics', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER webhooks_change AFTER INSERT OR UPDATE ON evens.webhooks
    FOR EACH STATEMENT EXECUTE FUNCTION evens.tell_topics_changed();

CREATE FUNCTION evens.post_notices(seqs bigint[], ats bigint[], topics text[], bodies text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH written AS (
        INSERT INTO evens.outbox (seq, at, topic, data) SELECT * FROM unnest(seqs, ats, topics, bodies)
        RETURNING id, topic
    )
    INSERT INTO evens.deliveries (notice, webhook)
        SELECT n.id, w.id FROM written AS n JOIN evens.webhooks AS w
            ON n.topic = ANY (w.topics) AND w.removed_at IS NULL
$$;

GRANT SELECT ON evens.outbox TO evens_app;
GRANT SELECT, INSERT, UPDATE ON evens.webhooks, evens.deliveries TO evens_app;
GRANT EXECUTE ON FUNCTION evens.post_notices TO evens_app;
