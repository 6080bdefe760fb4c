-- Customers' own matches, which order took whose place, and orders by their customers' own names for them.

CREATE INDEX matches_by_maker ON evens.matches (maker_customer, id);
CREATE INDEX matches_by_taker ON evens.matches (taker_customer, id);

ALTER TABLE evens.orders ADD COLUMN replaces bigint; -- the order that was taken back for this one
CREATE UNIQUE INDEX orders_replacing ON evens.orders (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX orders_by_client_ref ON evens.orders (customer, client_ref, id) WHERE client_ref IS NOT NULL;

DROP FUNCTION evens.place_orders(
    bigint[], bigint[], smallint[], bigint[], smallint[], integer[], bigint[], smallint[], smallint[], bigint[], bigint[],
    bigint[], text[]
);
CREATE FUNCTION evens.place_orders(
    ids bigint[], markets bigint[], runners smallint[], customers bigint[], sides smallint[], odds integer[],
    stakes bigint[], persistences smallint[], times_in_force smallint[], min_fills bigint[], due_ats bigint[],
    placed_ats bigint[], client_refs text[], replaced bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.orders (
        id, market, runner, customer, side, odds, stake, remaining, persistence, time_in_force, min_fill, due_at,
        placed_at, client_ref, replaces
    )
        SELECT id, market, runner, customer, side, price, stake, stake, persistence, time_in_force, min_fill, due_at,
            placed_at, client_ref, replaces
        FROM unnest(
            ids, markets, runners, customers, sides, odds, stakes, persistences, times_in_force, min_fills, due_ats,
            placed_ats, client_refs, replaced
        ) AS t (
            id, market, runner, customer, side, price, stake, persistence, time_in_force, min_fill, due_at, placed_at,
            client_ref, replaces
        )
$$;

GRANT EXECUTE ON FUNCTION evens.place_orders TO evens_app;
