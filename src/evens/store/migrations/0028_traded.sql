-- What was traded on each runner at each price, so that nobody has to add up a market's matches.

CREATE TABLE evens.traded (
    market bigint NOT NULL,
    runner smallint NOT NULL,
    odds integer NOT NULL,
    stake bigint NOT NULL,         -- of all bets, each counted once
    PRIMARY KEY (market, runner, odds)
) WITH (fillfactor = 50);
INSERT INTO evens.traded (market, runner, odds, stake)
    SELECT market, runner, odds, sum(stake) FROM evens.matches GROUP BY market, runner, odds;

DROP FUNCTION evens.post_matches(
    bigint[], bigint[], smallint[], integer[], bigint[], bigint[], bigint[], bigint[], bigint[], smallint[]
);
CREATE FUNCTION evens.post_matches(
    ids bigint[], markets bigint[], runners smallint[], odds integer[], stakes bigint[], makers bigint[],
    maker_customers bigint[], takers bigint[], taker_customers bigint[], taker_sides smallint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.matches (
        id, market, runner, odds, stake, maker, maker_customer, taker, taker_customer, taker_side
    )
        SELECT * FROM unnest(
            ids, markets, runners, odds, stakes, makers, maker_customers, takers, taker_customers, taker_sides
        );
    INSERT INTO evens.runner_totals AS t (market, runner, matched, last_odds)
        SELECT market, runner, sum(stake), (array_agg(price ORDER BY id DESC))[1]
        FROM unnest(ids, markets, runners, odds, stakes) AS m (id, market, runner, price, stake)
        GROUP BY market, runner
    ON CONFLICT (market, runner) DO UPDATE
        SET matched = t.matched + excluded.matched, last_odds = excluded.last_odds;
    INSERT INTO evens.traded AS t (market, runner, odds, stake)
        SELECT market, runner, price, sum(stake)
        FROM unnest(markets, runners, odds, stakes) AS m (market, runner, price, stake)
        GROUP BY market, runner, price
    ON CONFLICT (market, runner, odds) DO UPDATE SET stake = t.stake + excluded.stake
$$;

GRANT SELECT ON evens.traded TO evens_app;
GRANT EXECUTE ON FUNCTION evens.post_matches TO evens_app;
