-- What Betfair's Exchange Stream reads when a client subscribes.

-- named_markets --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE id = ANY ($1) ORDER BY id;

-- unsettled_markets --
-- Those that are not settled, and those that have been settled since a moment.
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE NOT archived AND (settled_at IS NULL OR settled_at >= $1) ORDER BY id;

-- recent_orders --
-- Of the latest orders of a customer that are over, those in markets that are not settled or were so since a moment.
SELECT o.id, o.market, o.runner, o.customer, o.side, o.odds, o.stake, o.remaining, o.matched, o.matched_value,
    o.cancelled, o.lapsed, o.persistence, o.time_in_force, o.due_at, o.placed_at, o.client_ref, o.replaces,
    o.strategy_ref, NULL::bigint AS replaced_by
FROM (SELECT * FROM evens.orders WHERE customer = $1 AND NOT open ORDER BY id DESC LIMIT $3) AS o
JOIN evens.markets AS m ON m.id = o.market
WHERE m.settled_at IS NULL OR m.settled_at >= $2
ORDER BY o.id;

-- markets_with_bets --
-- Markets that are not settled and in which a customer has matched bets.
SELECT DISTINCT p.market FROM evens.positions AS p JOIN evens.markets AS m ON m.id = p.market
WHERE p.customer = $1 AND NOT m.archived AND m.settled_at IS NULL;

-- matched_bets --
-- What was matched of a customer's orders in markets, by order and odds, and when last.
SELECT s.market, s.runner, s."order", s.side, s.odds, sum(s.stake)::bigint AS stake, max(s.id) AS matched_at,
    (SELECT o.strategy_ref FROM evens.orders AS o WHERE o.id = s."order") AS strategy_ref
FROM (
    SELECT id, market, runner, odds, stake, taker AS "order", taker_side AS side FROM evens.matches
    WHERE taker_customer = $1 AND market = ANY ($2::bigint[])
    UNION ALL
    SELECT id, market, runner, odds, stake, maker, 3 - taker_side FROM evens.matches
    WHERE maker_customer = $1 AND market = ANY ($2::bigint[])
) AS s
GROUP BY s.market, s.runner, s."order", s.side, s.odds ORDER BY s."order", s.odds;
