-- What copies, their results and fees change of a follow, for all follows of a batch with one statement: each copy of a
-- leader's bet changes one. Null leaves a column as it is.

CREATE FUNCTION evens.use_follows(
    ids bigint[], all_used bigint[], days integer[], days_used bigint[], results bigint[], high_waters bigint[],
    all_fees_paid bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed pg_catalog.int8;
BEGIN
    UPDATE evens.follows AS f SET
        used = coalesce(r.used, f.used), day = coalesce(r.day, f.day), day_used = coalesce(r.day_used, f.day_used),
        result = coalesce(r.result, f.result), high_water = coalesce(r.high_water, f.high_water),
        fees_paid = coalesce(r.fees_paid, f.fees_paid)
    FROM unnest(ids, all_used, days, days_used, results, high_waters, all_fees_paid)
        AS r (id, used, day, day_used, result, high_water, fees_paid)
    WHERE f.id = r.id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(ids) THEN
        RAISE EXCEPTION 'of % follows, % are there', cardinality(ids), changed USING ERRCODE = 'data_corrupted';
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION evens.use_follows TO evens_app;
