-- Removals that can be taken back: every change of a market's removals, in order.

ALTER TABLE evens.markets
    ADD COLUMN removal_log bigint[] NOT NULL DEFAULT '{}'; -- stage, runner and when, one triple after the other

CREATE OR REPLACE FUNCTION evens.change_markets(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.markets AS m SET (
            status, stage, version, turned_at, settled_at, removals, removal_log, removed_up_to, settlement, shares,
            parts, archived
        ) = (
            SELECT r.status, r.stage, r.version, r.turned_at, r.settled_at, r.removals, r.removal_log,
                r.removed_up_to, r.settlement, r.shares, r.parts, r.archived
            FROM jsonb_populate_record(m, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE m.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'market % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;
