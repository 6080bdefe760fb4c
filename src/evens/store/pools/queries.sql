-- What the edges read of pools. A round comes with what is staked on its sides and with its present result.

-- pools --
SELECT * FROM evens.pools ORDER BY key;

-- pools_about --
SELECT * FROM evens.pools WHERE words @@ evens.search_query($1) ORDER BY key;

-- pool --
SELECT * FROM evens.pools WHERE key = $1;

-- rounds --
SELECT r.*, p.key AS pool_key, p.currency_number, u.staked AS up_staked, u.bets AS up_bets, d.staked AS down_staked,
    d.bets AS down_bets, e.evidence, e.reason
FROM evens.rounds AS r
JOIN evens.pools AS p ON p.id = r.pool
LEFT JOIN evens.round_sides AS u ON u.round = r.id AND u.side = 1
LEFT JOIN evens.round_sides AS d ON d.round = r.id AND d.side = 2
LEFT JOIN evens.round_results AS e ON e.round = r.id AND e.settlement = r.settlement
WHERE {which};

-- locked --
-- What is staked in rounds without a result, by pool; also pools in which that is nothing.
SELECT p.key, p.currency_number, coalesce(sum(u.staked), 0) AS up, coalesce(sum(d.staked), 0) AS down
FROM evens.pools AS p
LEFT JOIN evens.rounds AS r ON r.pool = p.id AND r.status IN (1, 2)
LEFT JOIN evens.round_sides AS u ON u.round = r.id AND u.side = 1
LEFT JOIN evens.round_sides AS d ON d.round = r.id AND d.side = 2
GROUP BY p.id ORDER BY p.key;

-- results --
SELECT settlement, result, evidence, reason, decided_at FROM evens.round_results WHERE round = $1 ORDER BY settlement;

-- stakes --
SELECT id, side, stake FROM evens.pool_bets WHERE round = $1 AND id > $2 ORDER BY id LIMIT $3;

-- bets --
-- A bet counts as settled once its customer is booked under the round's present result; while that is being corrected,
-- under the one before.
SELECT b.id, b.customer, b.side, b.stake, b.placed_at, r.id AS round, r.code, p.key AS pool_key, p.currency_number,
    r.fee_bps, u.staked AS up_staked, d.staked AS down_staked, e.result AS booked_result,
    coalesce(s.settled_at, o.settled_at) AS booked_at
FROM evens.pool_bets AS b
JOIN evens.rounds AS r ON r.id = b.round
JOIN evens.pools AS p ON p.id = r.pool
LEFT JOIN evens.round_sides AS u ON u.round = r.id AND u.side = 1
LEFT JOIN evens.round_sides AS d ON d.round = r.id AND d.side = 2
LEFT JOIN evens.stakes_settled AS s ON s.round = r.id AND s.settlement = r.settlement AND s.customer = b.customer
LEFT JOIN evens.stakes_settled AS o ON s.customer IS NULL AND o.round = r.id AND o.settlement = r.settlement - 1
    AND o.customer = b.customer
LEFT JOIN evens.round_results AS e ON e.round = r.id AND e.settlement = coalesce(s.settlement, o.settlement)
WHERE {which};

-- journal_end --
SELECT seq FROM evens.head;
