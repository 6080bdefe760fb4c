-- Notice to the outside: what subscribers are to hear of, written in the transaction that made it true.

-- A webhook's signing secret is derived from the installation's secret and the webhook's id; no copy is kept here.
CREATE TABLE evens.webhooks (
    id text PRIMARY KEY,
    url text NOT NULL,
    topics text[] NOT NULL CHECK (cardinality(topics) > 0),
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
    last_tried_at timestamptz,
    PRIMARY KEY (notice, webhook)
);
-- Due rows are claimed webhook by webhook, so that a receiver that is down keeps no other one waiting.
CREATE INDEX deliveries_due ON evens.deliveries (webhook, due_at) WHERE status = 'due';
CREATE INDEX deliveries_by_webhook ON evens.deliveries (webhook, status, notice);

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

-- The deliverer hears of new notices at once.
CREATE FUNCTION evens.tell_notices_written() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('evens_notices', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER outbox_grows AFTER INSERT ON evens.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION evens.tell_notices_written();

-- Look at the next ``most`` notices after ``place`` and delete those recorded before ``before`` that nobody waits for.
-- ``reached`` is the last one looked at; NULL at the end, or where notices are no longer old.
CREATE FUNCTION evens.purge_notices(
    place bigint, before bigint, most integer, OUT reached bigint, OUT purged bigint
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH looked_at AS MATERIALIZED (
        SELECT id FROM (SELECT id, at FROM evens.outbox WHERE id > place ORDER BY id LIMIT most) AS next
        WHERE at < before
    ), old AS MATERIALIZED (
        SELECT l.id FROM looked_at AS l
        WHERE NOT EXISTS (
            SELECT FROM evens.deliveries AS d JOIN evens.webhooks AS w ON w.id = d.webhook
            WHERE d.notice = l.id AND d.status = 'due' AND w.removed_at IS NULL
        )
    ), forgotten AS (
        DELETE FROM evens.deliveries AS d USING old WHERE d.notice = old.id
    ), deleted AS (
        DELETE FROM evens.outbox AS o USING old WHERE o.id = old.id RETURNING o.id
    )
    SELECT (SELECT max(id) FROM looked_at), (SELECT count(*) FROM deleted)
$$;

GRANT SELECT ON evens.outbox TO evens_app;
GRANT SELECT, INSERT, UPDATE ON evens.webhooks, evens.deliveries TO evens_app;
GRANT EXECUTE ON FUNCTION evens.post_notices, evens.purge_notices TO evens_app;
