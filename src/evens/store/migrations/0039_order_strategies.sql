-- What customers say that an order is a part of, and orders whose persistence changes.

ALTER TABLE evens.orders ADD COLUMN strategy_ref text;

DROP FUNCTION evens.place_orders(
    bigint[], bigint[], smallint[], bigint[], smallint[], integer[], bigint[], smallint[], smallint[], bigint[], bigint[],
    bigint[], text[], bigint[]
);
CREATE FUNCTION evens.place_orders(
    ids bigint[], markets bigint[], runners smallint[], customers bigint[], sides smallint[], odds integer[],
    stakes bigint[], persistences smallint[], times_in_force smallint[], min_fills bigint[], due_ats bigint[],
    placed_ats bigint[], client_refs text[], replaced bigint[], strategy_refs text[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.orders (
        id, market, runner, customer, side, odds, stake, remaining, persistence, time_in_force, min_fill, due_at,
        placed_at, client_ref, replaces, strategy_ref
    )
        SELECT id, market, runner, customer, side, price, stake, stake, persistence, time_in_force, min_fill, due_at,
            placed_at, client_ref, replaces, strategy_ref
        FROM unnest(
            ids, markets, runners, customers, sides, odds, stakes, persistences, times_in_force, min_fills, due_ats,
            placed_ats, client_refs, replaced, strategy_refs
        ) AS t (
            id, market, runner, customer, side, price, stake, persistence, time_in_force, min_fill, due_at, placed_at,
            client_ref, replaces, strategy_ref
        )
$$;

-- Of several changes of one order the last one counts; they come in the order of the journal.
CREATE FUNCTION evens.change_persistences(ids bigint[], persistences smallint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE evens.orders AS o SET persistence = t.persistence
    FROM (
        SELECT DISTINCT ON (id) id, persistence
        FROM unnest(ids, persistences) WITH ORDINALITY AS u (id, persistence, place)
        ORDER BY id, place DESC
    ) AS t
    WHERE o.id = t.id
$$;

GRANT EXECUTE ON FUNCTION evens.place_orders, evens.change_persistences TO evens_app;
