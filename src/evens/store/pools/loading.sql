-- What loading a house asks of the pools beyond whole rows, and what a correction recalls.

-- rounds --
-- Rounds that can still be corrected.
SELECT r.*, p.key AS pool_key, p.currency_number, u.staked AS up_staked, u.bets AS up_bets, d.staked AS down_staked,
    d.bets AS down_bets, NULL::text AS evidence, NULL::text AS reason
FROM evens.rounds AS r
JOIN evens.pools AS p ON p.id = r.pool
LEFT JOIN evens.round_sides AS u ON u.round = r.id AND u.side = 1
LEFT JOIN evens.round_sides AS d ON d.round = r.id AND d.side = 2
WHERE NOT r.archived AND ($1::bigint IS NULL OR r.id = $1)
ORDER BY r.id;

-- archived_round --
-- A round that the house has forgotten.
SELECT r.*, p.key AS pool_key, p.currency_number, u.staked AS up_staked, u.bets AS up_bets, d.staked AS down_staked,
    d.bets AS down_bets, NULL::text AS evidence, NULL::text AS reason
FROM evens.rounds AS r
JOIN evens.pools AS p ON p.id = r.pool
LEFT JOIN evens.round_sides AS u ON u.round = r.id AND u.side = 1
LEFT JOIN evens.round_sides AS d ON d.round = r.id AND d.side = 2
WHERE r.archived AND r.id = $1;

-- live_stakes --
-- The stakes that the house knows, in the order in which they were placed: those of rounds without a result, and while
-- a result is booked those of whom it is not booked yet. While they are recalled for a correction that begins anew.
SELECT b.id, b.customer, b.round, b.side, b.stake
FROM evens.rounds AS r
JOIN evens.pool_bets AS b ON b.round = r.id
LEFT JOIN evens.stakes_settled AS s ON r.stage = 1 AND s.round = r.id AND s.settlement = r.settlement
    AND s.customer = b.customer
WHERE NOT r.archived AND (r.result IS NULL OR (r.stage = 1 AND s.customer IS NULL))
    AND ($1::bigint IS NULL OR b.round = $1)
ORDER BY b.id;

-- to_correct --
-- What was booked under the result before one that is being booked now, and is not corrected yet.
SELECT s.round, s.customer, s.returned - s.staked AS profit
FROM evens.rounds AS r
JOIN evens.stakes_settled AS s ON s.round = r.id AND s.settlement = r.settlement - 1
WHERE NOT r.archived AND r.stage = 1 AND ($1::bigint IS NULL OR r.id = $1) AND NOT EXISTS (
    SELECT FROM evens.stakes_settled AS n
    WHERE n.round = r.id AND n.settlement = r.settlement AND n.customer = s.customer
);

-- stakes_booked --
SELECT s.customer, s.returned, b.bets, b.stakes, b.sides
FROM evens.stakes_settled AS s
CROSS JOIN LATERAL (
    SELECT array_agg(each.id ORDER BY each.id) AS bets, array_agg(each.stake ORDER BY each.id) AS stakes,
        array_agg(each.side ORDER BY each.id) AS sides
    FROM evens.pool_bets AS each
    WHERE each.round = $1 AND each.customer = s.customer
) AS b
WHERE s.round = $1 AND s.settlement = $2 - 1 AND s.customer > $3
    AND NOT EXISTS (
        SELECT FROM evens.stakes_settled AS n
        WHERE n.round = $1 AND n.settlement = $2 AND n.customer = s.customer
    )
ORDER BY s.customer LIMIT $4;
