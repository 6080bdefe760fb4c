-- What customers' programs ask about: markets that are not over, own orders by many conditions, and what they came to.

-- unsettled_markets --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE NOT archived AND status IN (1, 2, 3, 4) ORDER BY id;

-- markets_named --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE id = ANY ($1::bigint[]);

-- traded_amounts --
SELECT market, sum(2 * matched - by_house)::bigint AS minor FROM evens.runner_totals WHERE market = ANY ($1::bigint[]) GROUP BY market;

-- available_amounts --
SELECT market, sum(remaining)::bigint AS minor FROM evens.orders
WHERE market = ANY ($1::bigint[]) AND open AND due_at IS NULL GROUP BY market;

-- current_orders --
-- Orders of a customer that wait or were matched, in markets that are not settled, each with its latest match. By their
-- matches, all of them are looked at; otherwise the matches of one page.
WITH asked AS MATERIALIZED (
    SELECT o.id, o.market, o.runner, o.customer, o.side, o.odds, o.stake, o.remaining, o.matched, o.matched_value,
        o.cancelled, o.lapsed, o.persistence, o.time_in_force, o.due_at, o.placed_at, o.client_ref, o.replaces,
        o.strategy_ref, NULL::bigint AS replaced_by
    FROM evens.orders AS o
    WHERE o.customer = $1 AND (o.open OR o.matched > 0)
        AND o.market = ANY (ARRAY(
            SELECT id FROM evens.markets WHERE status IN (1, 2, 3, 4) AND ($3::bigint[] IS NULL OR id = ANY ($3))
        ))
        AND ($2::bigint[] IS NULL OR o.id = ANY ($2)) AND ($4::boolean IS NULL OR o.open = $4)
        AND ($5::text[] IS NULL OR o.client_ref = ANY ($5)) AND ($6::text[] IS NULL OR o.strategy_ref = ANY ($6))
        AND CASE WHEN $7::text = 'matched' THEN o.matched > 0 ELSE o.placed_at BETWEEN $8 AND $9 END
), page AS (
    -- Looked for in this order, it would be among all that a customer has ever placed.
    SELECT * FROM asked
    ORDER BY
        CASE WHEN $7 = 'market' AND NOT $10::boolean THEN market END,
        CASE WHEN $7 = 'market' AND $10 THEN market END DESC,
        CASE WHEN NOT $10 THEN id END,
        CASE WHEN $10 THEN id END DESC
    OFFSET CASE WHEN $7 = 'matched' THEN 0 ELSE $11::bigint END
    LIMIT CASE WHEN $7 = 'matched' THEN NULL ELSE $12::bigint END
), told AS MATERIALIZED (
    SELECT p.*, CASE WHEN p.matched > 0 THEN greatest(
        (SELECT max(m.id) FROM evens.matches AS m WHERE m.taker = p.id),
        (SELECT max(m.id) FROM evens.matches AS m WHERE m.maker = p.id)
    ) END AS matched_at
    FROM page AS p
)
SELECT * FROM told
WHERE CASE WHEN $7 = 'matched' THEN matched_at BETWEEN $8 AND $9 ELSE true END
ORDER BY
    CASE WHEN $7 = 'market' AND NOT $10 THEN market END,
    CASE WHEN $7 = 'market' AND $10 THEN market END DESC,
    CASE WHEN $7 = 'matched' AND NOT $10 THEN matched_at END,
    CASE WHEN $7 = 'matched' AND $10 THEN matched_at END DESC,
    CASE WHEN NOT $10 THEN id END,
    CASE WHEN $10 THEN id END DESC
OFFSET CASE WHEN $7 = 'matched' THEN $11 ELSE 0 END LIMIT $12;

-- markets_with_orders --
-- Those of some markets in which a customer has orders that wait or were matched.
SELECT m.id FROM unnest($2::bigint[]) AS m (id)
WHERE EXISTS (
    SELECT FROM evens.orders AS o
    WHERE o.customer = $1 AND o.market = m.id AND (o.open OR o.matched > 0) AND ($3::boolean IS NULL OR o.open = $3)
);

-- fills_of_orders --
-- What was matched of orders of a customer, each as its own side has it, oldest first.
SELECT taker AS "order", id, odds, stake, market, runner FROM evens.matches
WHERE taker = ANY ($2::bigint[]) AND taker_customer = $1
UNION ALL
SELECT maker, id, odds, stake, market, runner FROM evens.matches
WHERE maker = ANY ($2::bigint[]) AND maker_customer = $1
ORDER BY id LIMIT $3;

-- discount --
SELECT commission_discount_bps FROM evens.customers WHERE id = $1;
