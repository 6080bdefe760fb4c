-- What exposure that covers removals depends on while a change of a removal is carried out.

ALTER TABLE evens.markets
    ADD COLUMN was_bps integer; -- the reduction before its latest correction, or before it was taken back

CREATE OR REPLACE FUNCTION evens.change_markets(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.markets AS m SET (
            status, stage, version, turned_at, settled_at, removals, removal_log, removed_up_to, was_bps, settlement,
            shares, parts, archived
        ) = (
            SELECT r.status, r.stage, r.version, r.turned_at, r.settled_at, r.removals, r.removal_log,
                r.removed_up_to, r.was_bps, r.settlement, r.shares, r.parts, r.archived
            FROM jsonb_populate_record(m, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE m.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'market % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;
