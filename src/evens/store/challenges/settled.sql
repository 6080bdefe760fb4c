-- Challenges on markets that are settled already, but not by the result of their market that is booked now.
-- A removed runner's challenges stay as they are; removals are a flat list of runners, each with a reduction.

-- settled_before --
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee
FROM evens.challenges AS c
JOIN evens.markets AS m ON m.id = c.market
CROSS JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s
WHERE c.status = 5 AND c.market = $1 AND s.settlement < $2 AND c.id > $3
    AND NOT EXISTS (SELECT FROM generate_series(1, cardinality(m.removals), 2) AS i WHERE m.removals[i] = c.runner)
ORDER BY c.id LIMIT $4;

-- markets_to_recall --
SELECT m.id FROM evens.markets AS m
WHERE NOT m.archived AND m.status IN (5, 6) AND EXISTS (
    SELECT FROM evens.challenges AS c
    WHERE c.status = 5 AND c.market = m.id
        AND NOT EXISTS (SELECT FROM generate_series(1, cardinality(m.removals), 2) AS i WHERE m.removals[i] = c.runner)
        AND NOT EXISTS (
            SELECT FROM evens.challenge_settlements AS s WHERE s.challenge = c.id AND s.settlement = m.settlement
        )
)
ORDER BY m.id;

-- can_still_change --
-- Those that a removal settled stay until the market's first result is booked.
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee
FROM (
    SELECT * FROM evens.challenges WHERE status < 5
    UNION ALL
    SELECT tied.* FROM evens.challenges AS tied
    JOIN evens.markets AS m ON m.id = tied.market AND NOT m.archived AND m.settlement <= 1 AND m.status < 5
    WHERE tied.status = 5 AND tied.market IS NOT NULL
) AS c
LEFT JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s ON true
ORDER BY c.id;

-- can_still_change_of --
-- The same for one challenge, or for those on one market.
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee
FROM (
    SELECT * FROM evens.challenges WHERE status < 5 AND (id = $1 OR market = $2)
    UNION ALL
    SELECT tied.* FROM evens.challenges AS tied
    JOIN evens.markets AS m ON m.id = tied.market AND NOT m.archived AND m.settlement <= 1 AND m.status < 5
    WHERE tied.status = 5 AND tied.market = $2
) AS c
LEFT JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s ON true
ORDER BY c.id;
