-- What records of the journal are about.

-- about --
-- Each number stands for one thing at most: markets, events, rounds and challenges have the number of the record that
-- made them, orders and bets that of the record that placed them, and no two records have the same.
SELECT n.number, found.kind, found.id, found.place, found.key, found.name
FROM unnest($1::bigint[]) AS n (number)
CROSS JOIN LATERAL (
    SELECT 'market' AS kind, m.id, NULL AS place, NULL AS key, m.terms ->> 'name' AS name
    FROM evens.markets AS m WHERE m.id = n.number
    UNION ALL
    SELECT 'market', m.id, NULL, NULL, m.terms ->> 'name'
    FROM evens.orders AS o JOIN evens.markets AS m ON m.id = o.market WHERE o.id = n.number
    UNION ALL
    SELECT 'event', f.id, f.source, f.key, f.title FROM evens.fixtures AS f WHERE f.id = n.number
    UNION ALL
    SELECT 'event', f.id, f.source, f.key, f.title
    FROM evens.bets AS b JOIN evens.fixtures AS f ON f.id = b.fixture WHERE b.id = n.number
    UNION ALL
    SELECT 'bet', b.id, NULL, NULL, (SELECT count(*)::text FROM evens.bet_legs AS l WHERE l.bet = b.id)
    FROM evens.bets AS b WHERE b.id = n.number AND b.fixture IS NULL
    UNION ALL
    SELECT 'round', r.id, p.key, r.code, r.name
    FROM evens.rounds AS r JOIN evens.pools AS p ON p.id = r.pool WHERE r.id = n.number
    UNION ALL
    SELECT 'round', r.id, p.key, r.code, r.name
    FROM evens.pool_bets AS b JOIN evens.rounds AS r ON r.id = b.round JOIN evens.pools AS p ON p.id = r.pool
    WHERE b.id = n.number
    UNION ALL
    SELECT 'challenge', c.id, NULL, NULL, c.title FROM evens.challenges AS c WHERE c.id = n.number
) AS found;

-- payloads --
SELECT seq, payload FROM evens.journal WHERE seq = ANY ($1::bigint[]);
