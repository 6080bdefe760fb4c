-- The commission discount that counted at a customer's first settlement counts for every correction of it.

ALTER TABLE evens.settlements ADD COLUMN discount_bps integer; -- NULL: settled before this was kept

DROP FUNCTION evens.settle_positions(bigint[], integer[], bigint[], bigint[], bigint[]);

CREATE FUNCTION evens.settle_positions(
    markets bigint[], settlements integer[], customers bigint[], profits bigint[], commissions bigint[],
    discounts integer[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.settlements (market, settlement, customer, profit, commission, discount_bps)
        SELECT * FROM unnest(markets, settlements, customers, profits, commissions, discounts)
$$;

GRANT EXECUTE ON FUNCTION evens.settle_positions TO evens_app;
