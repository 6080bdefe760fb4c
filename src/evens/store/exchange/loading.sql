-- What loading a house asks of the exchange beyond whole rows.

-- kept_bets --
-- What positions in markets that are not settled keep of each bet, so that removals can be worked out anew. Customer 0 is
-- the house, which has no position.
SELECT market, customer, runner, since, odds, sum(stake)::bigint AS stake
FROM (
    SELECT t.market, side.customer, t.runner, t.odds, side.stake, (
        SELECT count(*)::integer FROM generate_subscripts(m.removal_log, 1) AS place
        WHERE place % 3 = 0 AND m.removal_log[place] < t.id
    ) AS since
    FROM evens.matches AS t
    JOIN evens.markets AS m ON m.id = t.market AND NOT m.archived AND m.settlement <= 1 AND m.status < 5
        AND (m.terms ->> 'reductions')::integer = $1
    CROSS JOIN LATERAL (VALUES
        (t.taker_customer, CASE WHEN t.taker_side = $2 THEN t.stake ELSE -t.stake END),
        (t.maker_customer, CASE WHEN t.taker_side = $2 THEN -t.stake ELSE t.stake END)
    ) AS side (customer, stake)
    WHERE side.customer <> 0 AND ($3::bigint IS NULL OR t.market = $3)
) AS bets
GROUP BY market, customer, runner, since, odds HAVING sum(stake) <> 0;

-- last_orders --
-- When customers placed their last orders in markets that cover removals and had some.
SELECT o.market, o.customer, max(o.placed_at) AS placed_at
FROM evens.orders AS o
JOIN evens.markets AS m ON m.id = o.market AND NOT m.archived AND m.settlement <= 1 AND m.status < 5 AND m.removal_log <> '{}'
    AND (m.terms ->> 'cover_removals')::boolean
WHERE $1::bigint IS NULL OR o.market = $1
GROUP BY o.market, o.customer;
