-- The exchange: markets, books, trades, orders and positions.

-- market --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE id = $1;

-- markets --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets
WHERE id < $1 AND ($2::smallint[] IS NULL OR status = ANY ($2)) AND ($3::text IS NULL OR terms ->> 'event' = $3)
ORDER BY id DESC LIMIT $4;

-- newest_markets_about --
-- Those with certain words among the newest of all that are asked for.
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM (
    SELECT * FROM evens.markets
    WHERE id < $1 AND ($2::smallint[] IS NULL OR status = ANY ($2)) AND ($3::text IS NULL OR terms ->> 'event' = $3)
    ORDER BY id DESC LIMIT $6
) AS newest
WHERE words @@ evens.search_query($5)
ORDER BY id DESC LIMIT $4;

-- markets_about --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets
WHERE id = ANY (ARRAY(SELECT id FROM evens.markets WHERE words @@ evens.search_query($5)))
    AND id < $1 AND ($2::smallint[] IS NULL OR status = ANY ($2)) AND ($3::text IS NULL OR terms ->> 'event' = $3)
ORDER BY id DESC LIMIT $4;

-- markets_by_id --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE id = ANY ($1);

-- runner_totals --
SELECT market, runner, matched, last_odds, by_house FROM evens.runner_totals WHERE market = ANY ($1) ORDER BY market, runner;

-- traded --
SELECT runner, odds, stake, by_house FROM evens.traded WHERE market = $1 AND ($2::smallint IS NULL OR runner = $2)
ORDER BY runner, odds;

-- book --
SELECT market, runner, side, odds, sum(remaining)::bigint AS waiting, count(*)::integer AS orders
FROM evens.orders WHERE market = ANY ($1) AND open AND due_at IS NULL
GROUP BY market, runner, side, odds
ORDER BY market, runner, side, odds;

-- journal_end --
SELECT seq, at FROM evens.head;

-- trades --
SELECT id, market, runner, odds, stake, taker_side, maker, maker_customer, taker, taker_customer FROM evens.matches
WHERE market = $1 AND id < $2 AND ($3::smallint IS NULL OR runner = $3)
ORDER BY id DESC LIMIT $4;

-- fills --
-- The two sides of each match are a fill each: twice the match's id for the maker, one more for the taker.
SELECT * FROM (
    (
        SELECT id * 2 + 1 AS fill, id, market, runner, odds, stake, taker AS "order", taker_customer AS customer,
            taker_side AS side
        FROM evens.matches
        WHERE taker_customer = $1 AND id * 2 + 1 < $2 AND id <= $2 / 2 AND ($3::bigint IS NULL OR market = $3)
            AND ($4::bigint IS NULL OR taker = $4)
        ORDER BY id DESC LIMIT $5
    )
    UNION ALL
    (
        SELECT id * 2, id, market, runner, odds, stake, maker, maker_customer, 3 - taker_side
        FROM evens.matches
        WHERE maker_customer = $1 AND id * 2 < $2 AND id <= $2 / 2 AND ($3::bigint IS NULL OR market = $3)
            AND ($4::bigint IS NULL OR maker = $4)
        ORDER BY id DESC LIMIT $5
    )
) AS both_sides
ORDER BY fill DESC LIMIT $5;

-- market_fills --
-- Of what the house is one side of, only the other side is a fill.
SELECT * FROM (
    SELECT m.id * 2 + s.side AS fill, m.id, m.market, m.runner, m.odds, m.stake,
        CASE s.side WHEN 1 THEN m.taker ELSE m.maker END AS "order",
        CASE s.side WHEN 1 THEN m.taker_customer ELSE m.maker_customer END AS customer,
        CASE s.side WHEN 1 THEN m.taker_side ELSE 3 - m.taker_side END AS side
    FROM (
        SELECT * FROM evens.matches WHERE market = $1 AND id <= $2::bigint / 2 ORDER BY id DESC LIMIT $3 + 1
    ) AS m
    CROSS JOIN (VALUES (0), (1)) AS s (side)
) AS both_sides
WHERE fill < $2 AND "order" <> 0
ORDER BY fill DESC LIMIT $3;

-- fills_since --
-- The latest of a customer's fills from a moment on.
SELECT * FROM (
    (
        SELECT id * 2 + 1 AS fill, id, market, runner, odds, stake, taker AS "order", taker_customer AS customer,
            taker_side AS side
        FROM evens.matches WHERE taker_customer = $1 AND id >= $2 ORDER BY id DESC LIMIT $3
    )
    UNION ALL
    (
        SELECT id * 2, id, market, runner, odds, stake, maker, maker_customer, 3 - taker_side
        FROM evens.matches WHERE maker_customer = $1 AND id >= $2 ORDER BY id DESC LIMIT $3
    )
) AS both_sides
ORDER BY fill DESC LIMIT $3;

-- recorded_at --
SELECT at FROM evens.journal WHERE seq = $1;

-- releasing_records --
-- The latest records from a moment on that released money of a customer.
SELECT j.payload
FROM (
    SELECT DISTINCT t.seq
    FROM evens.balances AS b
    JOIN evens.transfers AS t ON t.credit = b.account AND t.id >= $2 AND t.kind = 4
    WHERE b.account >= $1::bigint << 14 AND b.account < ($1::bigint + 1) << 14
    ORDER BY t.seq DESC LIMIT $3
) AS r
JOIN evens.journal AS j ON j.seq = r.seq;

-- ended_orders --
-- The latest of a customer's orders that are over, of those named and those placed after a record.
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref,
    (SELECT next.id FROM evens.orders AS next WHERE next.replaces = o.id) AS replaced_by
FROM evens.orders AS o
WHERE customer = $1 AND NOT open AND (id = ANY ($2::bigint[]) OR id > $3)
ORDER BY id DESC LIMIT $4;

-- market_currencies --
SELECT id, currency_number FROM evens.markets WHERE id = ANY ($1::bigint[]);

-- candles --
SELECT id / $3::bigint * $3::bigint AS opens_at,
    (array_agg(odds ORDER BY id))[1] AS first, max(odds) AS highest, min(odds) AS lowest,
    (array_agg(odds ORDER BY id DESC))[1] AS last, sum(stake)::bigint AS volume, count(*)::integer AS trades
FROM evens.matches
WHERE market = $1 AND runner = $2 AND id >= $4 AND id < $5
GROUP BY 1 ORDER BY 1 DESC LIMIT $6;

-- order --
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref,
    (SELECT next.id FROM evens.orders AS next WHERE next.replaces = o.id) AS replaced_by
FROM evens.orders AS o WHERE id = $1;

-- orders --
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref,
    (SELECT next.id FROM evens.orders AS next WHERE next.replaces = o.id) AS replaced_by
FROM evens.orders AS o
WHERE customer = $1 AND id < $2 AND ($3::bigint IS NULL OR market = $3) AND ($6::text IS NULL OR client_ref = $6)
    AND CASE $4::text
        WHEN 'executable' THEN open
        WHEN 'complete' THEN NOT open AND cancelled = 0 AND lapsed = 0
        WHEN 'cancelled' THEN NOT open AND cancelled > 0 AND lapsed = 0
        WHEN 'lapsed' THEN NOT open AND lapsed > 0
        ELSE true
    END
ORDER BY id DESC LIMIT $5;

-- orders_by_id --
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref,
    (SELECT next.id FROM evens.orders AS next WHERE next.replaces = o.id) AS replaced_by
FROM evens.orders AS o WHERE id = ANY ($1) ORDER BY id;

-- positions --
WITH held AS (
    (
        SELECT DISTINCT market FROM evens.positions
        WHERE customer = $1 AND market < $3 AND ($2::bigint IS NULL OR market = $2)
        ORDER BY market DESC LIMIT $4
    )
    UNION
    SELECT market FROM evens.orders
    WHERE customer = $1 AND open AND market < $3 AND ($2::bigint IS NULL OR market = $2)
    ORDER BY market DESC LIMIT $4
)
SELECT market, runner, sum(stake)::bigint AS stake, sum(value)::bigint AS value,
    sum(unmatched_back)::bigint AS unmatched_back, sum(unmatched_liability)::bigint AS unmatched_liability,
    (SELECT max(o.placed_at) FROM evens.orders AS o WHERE o.customer = $1 AND o.market = stands.market) AS placed_at,
    (SELECT c.commission_discount_bps FROM evens.customers AS c WHERE c.id = $1) AS discount_bps
FROM (
    SELECT market, runner, stake, value, 0::bigint AS unmatched_back, 0::bigint AS unmatched_liability
    FROM evens.positions WHERE customer = $1 AND market IN (SELECT market FROM held)
    UNION ALL
    SELECT market, runner, 0, 0, CASE side WHEN 1 THEN remaining ELSE 0 END,
        CASE side WHEN 2 THEN remaining * (odds - 100) ELSE 0 END
    FROM evens.orders WHERE customer = $1 AND open AND market IN (SELECT market FROM held)
) AS stands
GROUP BY market, runner ORDER BY market DESC, runner;

-- single_bets --
SELECT b.market, b.customer, b.runner, (
    SELECT count(*)::integer FROM generate_subscripts(m.removal_log, 1) AS place
    WHERE place % 3 = 0 AND m.removal_log[place] < b.id
) AS since, b.odds, sum(b.stake)::bigint AS stake
FROM (
    SELECT id, market, taker_customer AS customer, runner, odds, CASE taker_side WHEN $3 THEN stake ELSE -stake END AS stake
    FROM evens.matches WHERE market = ANY ($1) AND taker_customer = ANY ($2)
    UNION ALL
    SELECT id, market, maker_customer, runner, odds, CASE taker_side WHEN $3 THEN -stake ELSE stake END
    FROM evens.matches WHERE market = ANY ($1) AND maker_customer = ANY ($2)
) AS b
JOIN evens.markets AS m ON m.id = b.market
GROUP BY b.market, b.customer, b.runner, since, b.odds HAVING sum(b.stake) <> 0;

-- results --
SELECT DISTINCT ON (market) market, profit, commission FROM evens.settlements
WHERE customer = $1 AND market = ANY ($2) ORDER BY market, settlement DESC;

-- receivables --
SELECT b.account >> 14 AS customer, (b.account >> 4 & 1023)::integer AS currency_number, -b.balance AS owed
FROM evens.balances AS b
WHERE b.account & 15 = 14 AND b.balance < 0 AND b.account >> 14 > $1 ORDER BY b.account LIMIT $2;

-- delayed_orders --
SELECT id, runner, side, odds, remaining FROM evens.orders
WHERE market = $1 AND open AND due_at IS NOT NULL ORDER BY id;

-- open_orders --
SELECT id, market, runner, customer, side, odds, stake, remaining, matched, matched_value, cancelled, lapsed,
    persistence, time_in_force, due_at, placed_at, client_ref, replaces, strategy_ref,
    (SELECT next.id FROM evens.orders AS next WHERE next.replaces = o.id) AS replaced_by
FROM evens.orders AS o WHERE customer = $1 AND open ORDER BY id;

-- live_markets --
SELECT id, currency_number FROM evens.markets WHERE NOT archived;
