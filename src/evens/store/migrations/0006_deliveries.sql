-- Delivering notices: who is due, hearing of new ones at once, and throwing away what is old.

-- A webhook's signing secret is derived from the installation's secret and the webhook's id; no copy is kept here.
ALTER TABLE evens.webhooks DROP COLUMN secret;

ALTER TABLE evens.deliveries ADD COLUMN last_tried_at timestamptz;

-- Due rows are claimed webhook by webhook, so that a receiver that is down keeps no other one waiting.
DROP INDEX evens.deliveries_due;
CREATE INDEX deliveries_due ON evens.deliveries (webhook, due_at) WHERE status = 'due';
CREATE INDEX deliveries_by_webhook ON evens.deliveries (webhook, status, notice);

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

GRANT EXECUTE ON FUNCTION evens.purge_notices TO evens_app;
