-- What customers' programs ask about: markets that are not over, own orders by many conditions, and what they came to.

-- unsettled_markets --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE NOT archived AND status IN (1, 2, 3, 4) ORDER BY id;

-- markets_named --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE id = ANY ($1::bigint[]);

-- current_orders --
-- Orders of a customer that wait or were matched, in markets that are not settled, each with its latest match.
WITH asked AS (
    SELECT o.id, o.market, o.runner, o.customer, o.side, o.odds, o.stake, o.remaining, o.matched, o.matched_value,
        o.cancelled, o.lapsed, o.persistence, o.time_in_force, o.due_at, o.placed_at, o.client_ref, o.replaces,
        o.strategy_ref, NULL::bigint AS replaced_by
    FROM evens.orders AS o JOIN evens.markets AS m ON m.id = o.market
    WHERE o.customer = $1 AND m.status IN (1, 2, 3, 4) AND (o.open OR o.matched > 0)
        AND ($2::bigint[] IS NULL OR o.id = ANY ($2)) AND ($3::bigint[] IS NULL OR o.market = ANY ($3))
        AND ($4::boolean IS NULL OR o.open = $4)
        AND ($5::text[] IS NULL OR o.client_ref = ANY ($5)) AND ($6::text[] IS NULL OR o.strategy_ref = ANY ($6))
), latest AS (
    SELECT "order", max(id) AS matched_at FROM (
        SELECT taker AS "order", id FROM evens.matches
        WHERE taker_customer = $1 AND id >= (SELECT min(placed_at) FROM asked)
        UNION ALL
        SELECT maker, id FROM evens.matches
        WHERE maker_customer = $1 AND id >= (SELECT min(placed_at) FROM asked)
    ) AS sides GROUP BY "order"
)
SELECT a.*, l.matched_at
FROM asked AS a LEFT JOIN latest AS l ON l."order" = a.id
WHERE CASE WHEN $7::text = 'matched' THEN l.matched_at IS NOT NULL ELSE true END
    AND CASE WHEN $7 = 'matched' THEN l.matched_at ELSE a.placed_at END BETWEEN $8 AND $9
ORDER BY
    CASE WHEN $7 = 'market' AND NOT $10::boolean THEN a.market END,
    CASE WHEN $7 = 'market' AND $10 THEN a.market END DESC,
    CASE WHEN $7 = 'matched' AND NOT $10 THEN l.matched_at END,
    CASE WHEN $7 = 'matched' AND $10 THEN l.matched_at END DESC,
    CASE WHEN NOT $10 THEN a.id END,
    CASE WHEN $10 THEN a.id END DESC
OFFSET $11 LIMIT $12;

-- fills_of_orders --
-- What was matched of orders of a customer, each as its own side has it, oldest first.
SELECT taker AS "order", id, odds, stake, market, runner FROM evens.matches
WHERE taker_customer = $1 AND taker = ANY ($2::bigint[])
UNION ALL
SELECT maker, id, odds, stake, market, runner FROM evens.matches
WHERE maker_customer = $1 AND maker = ANY ($2::bigint[])
ORDER BY id;

-- settled_markets --
-- Markets in which a customer had matched orders and that were settled or void within a time.
SELECT m.id, m.currency_number, m.terms, m.created_at, m.status, m.stage, m.version, m.turned_at, m.settled_at,
    m.removals, m.removal_log, m.removed_up_to, m.was_bps, m.settlement, m.shares, m.parts, m.archived
FROM evens.markets AS m
WHERE m.id IN (SELECT market FROM evens.orders WHERE customer = $1)
    AND m.status IN (5, 6) AND m.settled_at BETWEEN $2 AND $3 AND ($4::bigint[] IS NULL OR m.id = ANY ($4))
ORDER BY m.settled_at, m.id;

-- orders_in_markets --
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref, NULL::bigint AS replaced_by
FROM evens.orders
WHERE customer = $1 AND market = ANY ($2::bigint[])
ORDER BY market, id;

-- unmatched_ends --
-- Orders of a customer of which stake was cancelled or lapsed, placed within a time.
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref, NULL::bigint AS replaced_by
FROM evens.orders
WHERE customer = $1 AND CASE WHEN $2::boolean THEN cancelled > 0 ELSE lapsed > 0 END
    AND placed_at BETWEEN $3 AND $4 AND ($5::bigint[] IS NULL OR market = ANY ($5))
ORDER BY id OFFSET $6 LIMIT $7;

-- booked --
-- What was booked for a customer in markets: the result that stands.
SELECT DISTINCT ON (market) market, profit, commission FROM evens.settlements
WHERE customer = $1 AND market = ANY ($2::bigint[]) ORDER BY market, settlement DESC;

-- discount --
SELECT commission_discount_bps FROM evens.customers WHERE id = $1;
