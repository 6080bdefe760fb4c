-- What loading a house asks of the sportsbook beyond whole rows.

-- open_singles --
-- The singles that the house knows, column by column, those on a selection together, in the order in which they were
-- struck. While they are recalled for a correction that begins anew. While a result is booked they are those of whom it
-- is not booked yet, while it is taken back those for whom that is done.
SELECT fixture, market, selection, currency_number, array_agg(customer) AS customers, array_agg(id) AS bets,
    array_agg(odds) AS odds, array_agg(stake) AS stakes, array_agg(placed_at) AS ats
FROM (
    SELECT b.fixture, b.market, b.selection, b.currency_number, b.customer, b.id, b.odds, b.stake, b.placed_at
    FROM evens.fixture_markets AS m
    JOIN evens.fixtures AS f ON f.id = m.fixture AND NOT f.archived
    JOIN evens.bets AS b ON b.fixture = m.fixture AND b.market = m.key AND b.ended IS NULL
    LEFT JOIN evens.singles_settled AS s ON s.fixture = m.fixture AND s.market = m.key AND s.settlement = m.settlement
        AND s.customer = b.customer AND s.currency_number = b.currency_number AND m.stage IN (3, 5)
    WHERE ($1::bigint IS NULL OR m.fixture = $1) AND (
        m.stage = 2 OR (m.results = '[]' AND m.stage IN (0, 1, 6)) OR (m.stage = 3 AND s.customer IS NULL)
        OR (m.stage = 5 AND s.customer IS NOT NULL)
    )
    ORDER BY b.fixture, b.market, b.selection, b.currency_number, b.id
) AS singles
GROUP BY fixture, market, selection, currency_number;

-- to_correct --
-- What was booked under the result before one that is being booked now, and is not corrected yet. Singles that were
-- restored meanwhile count as booked with what they had staked; who has no others is in no row of that result.
SELECT s.fixture, s.market, s.customer, s.currency_number, s.returned - s.staked AS profit
FROM evens.fixture_markets AS m
JOIN evens.fixtures AS f ON f.id = m.fixture AND NOT f.archived
JOIN evens.market_results AS r ON r.fixture = m.fixture AND r.market = m.key AND r.settlement = m.settlement - 1
    AND r.results <> '[]'
JOIN evens.singles_settled AS s ON s.fixture = m.fixture AND s.market = m.key AND s.settlement = m.settlement - 1
WHERE m.stage = 3 AND ($1::bigint IS NULL OR m.fixture = $1) AND NOT EXISTS (
    SELECT FROM evens.singles_settled AS n
    WHERE n.fixture = s.fixture AND n.market = s.market AND n.settlement = m.settlement AND n.customer = s.customer
        AND n.currency_number = s.currency_number
)
UNION ALL
SELECT DISTINCT b.fixture, b.market, b.customer, b.currency_number, 0
FROM evens.fixture_markets AS m
JOIN evens.fixtures AS f ON f.id = m.fixture AND NOT f.archived
JOIN evens.market_results AS r ON r.fixture = m.fixture AND r.market = m.key AND r.settlement = m.settlement - 1
    AND r.results <> '[]'
JOIN evens.bets AS b ON b.fixture = m.fixture AND b.market = m.key AND b.ended IS NULL AND b.settlement > 0
WHERE m.stage = 3 AND ($1::bigint IS NULL OR m.fixture = $1) AND NOT EXISTS (
    SELECT FROM evens.singles_settled AS n
    WHERE n.fixture = b.fixture AND n.market = b.market AND n.settlement IN (m.settlement - 1, m.settlement)
        AND n.customer = b.customer AND n.currency_number = b.currency_number
);

-- booked_currencies --
-- In which currencies a result has been booked, or taken back, for somebody while others still wait: what is left in the
-- end is the house's, in each of them.
SELECT DISTINCT s.fixture, s.market, s.currency_number
FROM evens.fixture_markets AS m
JOIN evens.fixtures AS f ON f.id = m.fixture AND NOT f.archived
JOIN evens.singles_settled AS s ON s.fixture = m.fixture AND s.market = m.key AND s.settlement = m.settlement
WHERE m.stage IN (3, 5) AND ($1::bigint IS NULL OR m.fixture = $1);

-- singles_booked --
-- Whose singles were all restored after the result was booked is in no row of it: they won and lost nothing.
SELECT s.customer, s.currency_number, s.profit, b.selections, b.bets, b.odds, b.stakes, b.ats
FROM (
    (
        SELECT s.customer, s.currency_number, s.returned - s.staked AS profit
        FROM evens.singles_settled AS s
        WHERE s.fixture = $1 AND s.market = $2 AND s.settlement = $3 - 1
            AND (s.customer, s.currency_number) > ($4::bigint, $5::smallint)
            AND NOT EXISTS (
                SELECT FROM evens.singles_settled AS n
                WHERE n.fixture = $1 AND n.market = $2 AND n.settlement = $3 AND n.customer = s.customer
                    AND n.currency_number = s.currency_number
            )
        ORDER BY s.customer, s.currency_number LIMIT $6
    )
    UNION ALL
    (
        SELECT DISTINCT b.customer, b.currency_number, 0::bigint
        FROM evens.bets AS b
        WHERE b.fixture = $1 AND b.market = $2 AND b.ended IS NULL AND b.settlement > 0
            AND (b.customer, b.currency_number) > ($4::bigint, $5::smallint)
            AND NOT EXISTS (
                SELECT FROM evens.singles_settled AS n
                WHERE n.fixture = $1 AND n.market = $2 AND n.settlement IN ($3 - 1, $3) AND n.customer = b.customer
                    AND n.currency_number = b.currency_number
            )
        ORDER BY b.customer, b.currency_number LIMIT $6
    )
    ORDER BY customer, currency_number LIMIT $6
) AS s
CROSS JOIN LATERAL (
    SELECT array_agg(each.selection ORDER BY each.id) AS selections, array_agg(each.id ORDER BY each.id) AS bets,
        array_agg(each.odds ORDER BY each.id) AS odds, array_agg(each.stake ORDER BY each.id) AS stakes,
        array_agg(each.placed_at ORDER BY each.id) AS ats
    FROM evens.bets AS each
    WHERE each.fixture = $1 AND each.market = $2 AND each.customer = s.customer
        AND each.currency_number = s.currency_number AND each.ended IS NULL
) AS b
ORDER BY s.customer, s.currency_number;

-- singles_returned --
SELECT customer, currency_number, 0::bigint AS profit, array_agg(selection ORDER BY id) AS selections,
    array_agg(id ORDER BY id) AS bets, array_agg(odds ORDER BY id) AS odds, array_agg(stake ORDER BY id) AS stakes,
    array_agg(placed_at ORDER BY id) AS ats
FROM evens.bets
WHERE fixture = $1 AND market = $2 AND customer >= $3 AND (customer, currency_number) > ($3::bigint, $4::smallint)
    AND ended = $5
GROUP BY customer, currency_number
ORDER BY customer, currency_number LIMIT $6;

-- accumulators_booked --
SELECT b.* FROM evens.bet_legs AS l
JOIN evens.bets AS b ON b.id = l.bet AND b.ended = 1
WHERE l.fixture = $1 AND l.market = $2 AND l.bet > $3
ORDER BY l.bet LIMIT $4;

-- accumulators_on --
-- The open accumulators with a leg on a fixture.
SELECT b.* FROM evens.bets AS b
WHERE b.ended IS NULL AND b.id IN (SELECT l.bet FROM evens.bet_legs AS l WHERE l.fixture = $1)
ORDER BY b.id;
