-- What the edges read of bets, and of what the house takes and may lose.

-- bets --
-- A single counts as settled once its customer is booked under the market's present result; while that is being
-- corrected, under the one before. What was booked before the single was restored is not its own. A result that was
-- taken back leaves it open.
SELECT b.*, r.results AS booked_results, r.decided_at,
    CASE WHEN r.results <> '[]' THEN coalesce(p.settled_at, e.settled_at) END AS booked_at
FROM evens.bets AS b
LEFT JOIN evens.fixture_markets AS m ON m.fixture = b.fixture AND m.key = b.market AND b.ended IS NULL
LEFT JOIN evens.singles_settled AS p ON p.fixture = b.fixture AND p.market = b.market AND p.settlement = m.settlement
    AND p.settlement >= b.settlement AND p.customer = b.customer AND p.currency_number = b.currency_number
LEFT JOIN evens.singles_settled AS e ON p.customer IS NULL AND e.fixture = b.fixture AND e.market = b.market
    AND e.settlement = m.settlement - 1 AND e.settlement >= b.settlement AND e.customer = b.customer
    AND e.currency_number = b.currency_number
LEFT JOIN evens.market_results AS r ON r.fixture = b.fixture AND r.market = b.market
    AND r.settlement = coalesce(p.settlement, e.settlement)
WHERE {which};

-- exposure --
SELECT b.fixture, b.market, b.selection, b.currency_number,
    (SELECT count(*) FROM jsonb_array_elements(m.removals) AS each WHERE (each ->> 2)::bigint < b.placed_at)::integer
        AS removals,
    count(*)::integer AS bets, sum(b.stake)::bigint AS staked, sum(b.stake * b.odds)::bigint AS value
FROM evens.fixture_markets AS m
JOIN evens.fixtures AS f ON f.id = m.fixture AND NOT f.archived
JOIN evens.bets AS b ON b.fixture = m.fixture AND b.market = m.key AND b.ended IS NULL
WHERE (m.stage = 2 OR (m.results = '[]' AND m.stage IN (0, 1, 6))) AND ($1::bigint IS NULL OR m.fixture = $1)
GROUP BY b.fixture, b.market, b.selection, b.currency_number, 5
ORDER BY b.fixture DESC, b.market, b.currency_number, b.selection, 5;

-- accumulated --
-- Open accumulators: each once, without a fixture; then counted in full with each fixture that they have a leg on.
SELECT NULL::bigint AS fixture, b.currency_number, count(*)::integer AS bets, sum(b.stake)::bigint AS staked,
    sum(b.reserved)::bigint AS reserved
FROM evens.bets AS b
WHERE b.fixture IS NULL AND b.ended IS NULL
    AND ($1::bigint IS NULL OR EXISTS (SELECT FROM evens.bet_legs AS l WHERE l.bet = b.id AND l.fixture = $1))
GROUP BY b.currency_number
UNION ALL
SELECT l.fixture, b.currency_number, count(*)::integer, sum(b.stake)::bigint, sum(b.reserved)::bigint
FROM evens.bets AS b
JOIN evens.bet_legs AS l ON l.bet = b.id
JOIN evens.fixtures AS f ON f.id = l.fixture AND NOT f.archived
WHERE b.fixture IS NULL AND b.ended IS NULL AND ($1::bigint IS NULL OR l.fixture = $1)
GROUP BY l.fixture, b.currency_number
ORDER BY fixture DESC NULLS FIRST, currency_number;

-- limits --
SELECT min_stake, max_stake, max_payout, max_event_liability, cash_out_margin_bps FROM evens.book_limits
WHERE currency_number = $1;

-- stake_factor --
SELECT coalesce(s.percent, 100) AS percent
FROM evens.customers AS c LEFT JOIN evens.stake_factors AS s ON s.customer = c.id WHERE c.id = $1;

-- sources --
SELECT f.source, max(f.version) AS version, coalesce(bool_or(l.silent), false) AS silent
FROM evens.fixtures AS f LEFT JOIN evens.line_sources AS l ON l.source = f.source
GROUP BY f.source ORDER BY f.source;

-- house_balances --
SELECT (account >> 4 & 1023)::integer AS currency_number, (account & 15)::integer AS account_class, balance
FROM evens.balances WHERE account >= 0 AND account < 1 << 14;

-- owed_by_customers --
SELECT (account >> 4 & 1023)::integer AS currency_number, -sum(balance)::bigint AS owed
FROM evens.balances WHERE account >= 1 << 14 AND account & 15 = 14 AND balance < 0 GROUP BY 1;

-- contradictions --
SELECT DISTINCT ON (c.market) c.market, c.results FROM evens.conflicts AS c
WHERE c.fixture = $1 AND NOT EXISTS (
    SELECT FROM evens.market_results AS r
    WHERE r.fixture = c.fixture AND r.market = c.market AND r.results = '[]' AND r.decided_at > c.id
)
ORDER BY c.market, c.id DESC;
