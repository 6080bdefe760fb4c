-- What a customer's orders came to. Whatever is in braces is another statement of this file, put in by cleared.py.

-- own_markets --
-- The markets in which a customer had orders: one step of an index for each of them.
ARRAY(
    WITH RECURSIVE own (id) AS (
        (SELECT market FROM evens.orders WHERE customer = $1 ORDER BY market LIMIT 1)
        UNION ALL
        SELECT (SELECT market FROM evens.orders WHERE customer = $1 AND market > own.id ORDER BY market LIMIT 1)
        FROM own WHERE own.id IS NOT NULL
    )
    SELECT id FROM own WHERE id IS NOT NULL
)

-- fits --
-- Whether an order is one of those that are asked for.
($5::bigint[] IS NULL OR o.id = ANY ($5)) AND ($6::text[] IS NULL OR o.client_ref = ANY ($6))
    AND ($7::text[] IS NULL OR o.strategy_ref = ANY ($7)) AND ($8::smallint IS NULL OR o.side = $8)
    AND ($9::bigint[] IS NULL OR (o.market, o.runner::bigint) IN (SELECT * FROM unnest($9, $10::bigint[])))

-- is_void --
-- Whether bets of an order are void: its market is, or its runner was removed.
(m.status = 6 OR EXISTS (
    SELECT FROM generate_series(1, cardinality(m.removals), 2) AS place WHERE m.removals[place] = o.runner
))

-- settled --
-- Matched orders of a customer in markets that were settled or void within a time: those that are void, or the others.
-- Market after market, so that a page ends the reading.
SELECT o.*, m.settled_at
FROM (
    SELECT id, status, settled_at, removals FROM evens.markets
    WHERE status IN (5, 6) AND settled_at BETWEEN $2 AND $3
        AND id = ANY (CASE WHEN $4::bigint[] IS NULL THEN {own_markets} ELSE $4 END)
    ORDER BY settled_at, id
) AS m CROSS JOIN LATERAL (
    SELECT * FROM evens.orders AS o
    WHERE o.customer = $1 AND o.market = m.id AND o.matched > 0 AND {is_void} = $11::boolean AND {fits}
    ORDER BY o.id
) AS o

-- ended --
-- Orders of a customer of which stake was cancelled, or else lapsed, placed within a time.
SELECT o.*, NULL::bigint AS settled_at
FROM evens.orders AS o
WHERE o.customer = $1 AND CASE WHEN $11::boolean THEN o.cancelled > 0 ELSE o.lapsed > 0 END
    AND o.placed_at BETWEEN $2 AND $3 AND ($4::bigint[] IS NULL OR o.market = ANY ($4)) AND {fits}

-- page --
-- A page of orders, each with its latest match, in the order in which their markets were settled.
SELECT o.id, o.market, o.runner, o.customer, o.side, o.odds, o.stake, o.remaining, o.matched, o.matched_value,
    o.cancelled, o.lapsed, o.persistence, o.time_in_force, o.due_at, o.placed_at, o.client_ref, o.replaces,
    o.strategy_ref, NULL::bigint AS replaced_by, o.settled_at,
    CASE WHEN o.settled_at IS NOT NULL THEN greatest(
        (SELECT max(t.id) FROM evens.matches AS t WHERE t.taker = o.id),
        (SELECT max(t.id) FROM evens.matches AS t WHERE t.maker = o.id)
    ) END AS matched_at
FROM ({orders} ORDER BY {order} OFFSET $12 LIMIT $13) AS o
ORDER BY {sorted}

-- profits --
-- The profit of each bet of a customer in markets. What all bets of a market up to one come to is rounded down; a bet's
-- profit is by how much that grows, and the last one has what is left of what was booked.
SELECT id, up_to - lag(up_to, 1, 0) OVER (PARTITION BY market ORDER BY id) AS profit
FROM (
    SELECT id, market, CASE
        WHEN lead(id) OVER of_market IS NULL THEN booked
        ELSE div(cents, unit) - CASE WHEN cents % unit < 0 THEN 1 ELSE 0 END
    END AS up_to
    FROM (
        SELECT o.id, o.market, m.parts * {unit}::numeric AS unit, m.booked,
            sum(CASE o.side WHEN 1 THEN 1 ELSE -1 END * (
                coalesce(share.parts, 0) * o.matched_value::numeric - m.parts * {unit}::numeric * o.matched
            )) OVER (PARTITION BY o.market ORDER BY o.id) AS cents
        FROM (
            SELECT id, status, removals, shares, parts, (
                SELECT profit FROM evens.settlements AS s
                WHERE s.customer = $1 AND s.market = evens.markets.id ORDER BY s.settlement DESC LIMIT 1
            ) AS booked
            FROM evens.markets WHERE id = ANY ({markets}) AND parts > 0 OFFSET 0
        ) AS m JOIN evens.orders AS o ON o.market = m.id
        LEFT JOIN LATERAL (
            SELECT m.shares[place + 1] AS parts FROM generate_series(1, cardinality(m.shares), 2) AS place
            WHERE m.shares[place] = o.runner
        ) AS share ON true
        WHERE o.customer = $1 AND o.matched > 0 AND m.booked IS NOT NULL AND NOT {is_void}
    ) AS summed
    WINDOW of_market AS (PARTITION BY market ORDER BY id)
) AS rounded

-- profits_of --
SELECT id, profit::bigint FROM ({profits}) AS each WHERE id = ANY ($3::bigint[])

-- how_many --
-- How many orders a roll-up would read, up to one more than it may.
SELECT count(*) FROM (SELECT FROM ({orders}) AS o LIMIT $12) AS counted

-- groups --
-- A page of what orders come to together: the first one of each group, and sums. Commission is booked for a market.
WITH asked AS MATERIALIZED (
    {orders}
), profits AS (
    {profits}
), bets AS (
    SELECT o.*, m.currency_number, coalesce(p.profit, 0) AS profit, CASE $14::text
        WHEN 'EVENT_TYPE' THEN ARRAY[coalesce(nullif(m.terms ->> 'event_type', ''), $15::text)]
        WHEN 'EVENT' THEN ARRAY[CASE WHEN m.terms ->> 'event' IS NULL THEN m.id::text END, m.terms ->> 'event']
        WHEN 'MARKET' THEN ARRAY[m.id::text]
        WHEN 'RUNNER' THEN ARRAY[m.id::text, o.runner::text]
        WHEN 'SIDE' THEN ARRAY[m.id::text, o.runner::text, o.side::text]
        ELSE ARRAY[m.id::text, o.strategy_ref]
    END AS key
    FROM asked AS o JOIN evens.markets AS m ON m.id = o.market LEFT JOIN profits AS p ON p.id = o.id
), by_market AS (
    SELECT key, currency_number, market, min(ARRAY[coalesce(settled_at, 0), market, id]) AS first, count(*) AS bets,
        sum({size}) AS size, sum(profit) AS profit, max(settled_at) AS settled_at
    FROM bets GROUP BY key, currency_number, market
), rolled_up AS (
    SELECT min(first) AS first, sum(bets) AS bets, sum(size) AS size, sum(profit) AS profit,
        max(settled_at) AS settled_at, coalesce(sum((
            SELECT commission FROM evens.settlements AS s
            WHERE s.customer = $1 AND s.market = by_market.market ORDER BY settlement DESC LIMIT 1
        )), 0) AS commission
    FROM by_market GROUP BY key, currency_number ORDER BY 1 OFFSET $12 LIMIT $13
)
SELECT o.id, o.market, o.runner, o.customer, o.side, o.odds, o.stake, o.remaining, o.matched, o.matched_value,
    o.cancelled, o.lapsed, o.persistence, o.time_in_force, o.due_at, o.placed_at, o.client_ref, o.replaces,
    o.strategy_ref, NULL::bigint AS replaced_by, r.bets::bigint, r.size::bigint, r.profit::bigint, r.settled_at,
    r.commission::bigint
FROM rolled_up AS r JOIN evens.orders AS o ON o.id = r.first[3]
ORDER BY r.first

-- events --
-- The event types and events of markets in which a customer had orders, up to one more than there may be.
SELECT id, terms ->> 'event_type', terms ->> 'event' FROM evens.markets
WHERE id = ANY (CASE WHEN $2::bigint[] IS NULL THEN {own_markets} ELSE $2 END)
    AND ($3::bigint IS NULL OR status IN (5, 6) AND settled_at BETWEEN $3 AND $4)
LIMIT $5
