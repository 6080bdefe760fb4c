-- How much of what was matched has the house on one side, as the legs of sets of cross-matched orders do, so that what
-- customers have matched can be counted on both sides. Nothing was matched in sets before this.

ALTER TABLE evens.runner_totals ADD COLUMN by_house bigint NOT NULL DEFAULT 0;
ALTER TABLE evens.traded ADD COLUMN by_house bigint NOT NULL DEFAULT 0;
ALTER TABLE evens.runner_totals ALTER COLUMN by_house DROP DEFAULT;
ALTER TABLE evens.traded ALTER COLUMN by_house DROP DEFAULT;

CREATE OR REPLACE FUNCTION evens.post_matches(
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
    INSERT INTO evens.runner_totals AS t (market, runner, matched, last_odds, by_house)
        SELECT market, runner, sum(stake), (array_agg(price ORDER BY id DESC))[1],
            coalesce(sum(stake) FILTER (WHERE maker = 0 OR taker = 0), 0)
        FROM unnest(ids, markets, runners, odds, stakes, makers, takers)
            AS m (id, market, runner, price, stake, maker, taker)
        GROUP BY market, runner
    ON CONFLICT (market, runner) DO UPDATE
        SET matched = t.matched + excluded.matched, last_odds = excluded.last_odds, by_house = t.by_house + excluded.by_house;
    INSERT INTO evens.traded AS t (market, runner, odds, stake, by_house)
        SELECT market, runner, price, sum(stake), coalesce(sum(stake) FILTER (WHERE maker = 0 OR taker = 0), 0)
        FROM unnest(markets, runners, odds, stakes, makers, takers) AS m (market, runner, price, stake, maker, taker)
        GROUP BY market, runner, price
    ON CONFLICT (market, runner, odds) DO UPDATE
        SET stake = t.stake + excluded.stake, by_house = t.by_house + excluded.by_house
$$;
