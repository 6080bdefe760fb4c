-- Profiles, and what they and the leaderboard show. A customer who never chose anything is shown as by default.

-- profile --
SELECT c.id, c.username, c.registered_at, p.display_name, p.bio, coalesce(p.visibility, 'figures') AS visibility,
    coalesce(p.listed, true) AS listed, coalesce(p.copyable, false) AS copyable,
    coalesce(p.performance_fee_bps, 0) AS performance_fee_bps
FROM evens.customers AS c LEFT JOIN evens.profiles AS p ON p.customer = c.id
WHERE lower(c.username) = lower($1);

-- own_profile --
SELECT c.id, c.username, c.registered_at, p.display_name, p.bio, coalesce(p.visibility, 'figures') AS visibility,
    coalesce(p.listed, true) AS listed, coalesce(p.copyable, false) AS copyable,
    coalesce(p.performance_fee_bps, 0) AS performance_fee_bps
FROM evens.customers AS c LEFT JOIN evens.profiles AS p ON p.customer = c.id
WHERE c.id = $1;

-- shown --
-- A profile with all that is shown of it, in one answer: figures of a currency, the equity curve of a product, and single
-- bets if its owner shows them; or if the owner ($7) or an operator ($8) asks. What is private has no contents for others.
SELECT p.*, CASE WHEN p.visibility <> 'private' OR w.sees_all THEN json_build_object(
    'known_up_to', coalesce((SELECT k.at FROM evens.record_place AS k), 0),
    'records', (
        SELECT coalesce(json_agg(e), '[]') FROM (
            SELECT f.customer, f.product, f.period, f.day, (SELECT g FROM (
                SELECT f.profit AS profit_minor, f.turnover AS turnover_minor, f.bets, f.settled, f.won, f.longest_streak,
                    f.max_drawdown AS max_drawdown_minor, f.roi_ppm, f.win_rate_ppm, f.sharpe, f.closing_ppm
            ) AS g) AS figures
            FROM evens.record_figures AS f
            WHERE f.customer = p.id AND f.currency_number = $2
                AND (f.period, f.day) IN (SELECT * FROM unnest($3::smallint[], $4::integer[]))
            ORDER BY f.product, f.period
        ) AS e
    ),
    'days', (
        SELECT coalesce(json_agg(json_build_array(e.day, e.profit) ORDER BY e.day), '[]') FROM (
            SELECT d.day, d.profit FROM evens.record_days AS d
            WHERE d.customer = p.id AND d.currency_number = $2 AND d.product = $5 ORDER BY d.day DESC LIMIT $6
        ) AS e
    ),
    'recent', CASE WHEN p.visibility = 'public' OR w.sees_all THEN (
        SELECT coalesce(json_agg(e), '[]') FROM (
            SELECT n.product, n.thing, n.part, n.settled_at, n.profit AS profit_minor, n.turnover AS turnover_minor,
                n.title, n.event, n.pool, n.code
            FROM ({named}) AS n
        ) AS e
    ) END
)::text END AS contents
FROM (
    SELECT c.id, c.username, c.registered_at, p.display_name, p.bio, coalesce(p.visibility, 'figures') AS visibility,
        coalesce(p.listed, true) AS listed, coalesce(p.copyable, false) AS copyable,
        coalesce(p.performance_fee_bps, 0) AS performance_fee_bps
    FROM evens.customers AS c LEFT JOIN evens.profiles AS p ON p.customer = c.id
    WHERE lower(c.username) = lower($1)
) AS p CROSS JOIN LATERAL (SELECT $8::boolean OR p.id IS NOT DISTINCT FROM $7::bigint AS sees_all) AS w;

-- choose --
INSERT INTO evens.profiles (customer, display_name, bio, visibility, listed, copyable, performance_fee_bps)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (customer) DO UPDATE SET display_name = excluded.display_name, bio = excluded.bio,
    visibility = excluded.visibility, listed = excluded.listed, copyable = excluded.copyable,
    performance_fee_bps = excluded.performance_fee_bps, changed_at = now();

-- place --
SELECT seq, at FROM evens.record_place;

-- figures --
-- Of one customer and currency, each product's periods that begin on these days.
SELECT customer, product, period, day, profit, turnover, bets, settled, won, longest_streak, max_drawdown, roi_ppm,
    win_rate_ppm, sharpe, closing_ppm
FROM evens.record_figures
WHERE customer = $1 AND currency_number = $2 AND (period, day) IN (SELECT * FROM unnest($3::smallint[], $4::integer[]))
ORDER BY product, period;

-- settled_last --
SELECT * FROM evens.outcomes WHERE customer = p.id AND currency_number = $2 AND counted ORDER BY settled_at DESC LIMIT $9;

-- named --
-- Outcomes with what they are called and where it is; an accumulator is called by its first events. A name is looked up for
-- each outcome, in the tables of its own product: OFFSET 0 keeps the planner from reading a whole table to join it.
SELECT o.*,
    CASE o.product
        WHEN 1 THEN (SELECT m.terms ->> 'name' FROM evens.markets AS m WHERE m.id = o.thing)
        WHEN 2 THEN coalesce(f.title, g.title, (
            SELECT string_agg(h.title, ' + ' ORDER BY l.place)
            FROM evens.bet_legs AS l JOIN evens.fixtures AS h ON h.id = l.fixture WHERE l.bet = o.thing AND l.place < 3
        ))
        WHEN 3 THEN r.name || ' ' || r.code
    END AS title,
    CASE WHEN f.key IS NOT NULL THEN CASE f.source WHEN 'main' THEN '' ELSE f.source || ':' END || f.key END AS event,
    r.pool, r.code
FROM ({outcomes}) AS o
LEFT JOIN LATERAL (
    SELECT each.title, each.source, each.key FROM evens.fixtures AS each
    WHERE o.product = 2 AND o.part <> '' AND each.id = o.thing OFFSET 0
) AS f ON true
LEFT JOIN LATERAL (
    SELECT each.title FROM evens.bets AS b JOIN evens.fixtures AS each ON each.id = b.fixture
    WHERE o.product = 2 AND o.part = '' AND b.id = o.thing OFFSET 0
) AS g ON true
LEFT JOIN LATERAL (
    SELECT each.name, each.code, p.key AS pool FROM evens.rounds AS each LEFT JOIN evens.pools AS p ON p.id = each.pool
    WHERE o.product = 3 AND each.id = o.thing OFFSET 0
) AS r ON true
ORDER BY o.settled_at DESC, o.product, o.thing, o.part;

-- leaders --
-- Ordered by a value that an index is ordered by, of the rows that are in that index.
SELECT f.customer, f.product, f.period, f.day, f.profit, f.turnover, f.bets, f.settled, f.won, f.longest_streak,
    f.max_drawdown, f.roi_ppm, f.win_rate_ppm, f.sharpe, f.closing_ppm, c.username, p.display_name,
    coalesce(p.copyable, false) AS copyable,
    coalesce(p.performance_fee_bps, 0) AS performance_fee_bps
FROM evens.record_figures AS f
JOIN evens.customers AS c ON c.id = f.customer AND NOT c.frozen
LEFT JOIN evens.profiles AS p ON p.customer = f.customer
WHERE f.product = $1 AND f.currency_number = $2 AND f.period = $3 AND f.day = $4 AND {only}
    AND coalesce(p.listed AND p.visibility <> 'private', true)
ORDER BY {value} {direction}, f.customer LIMIT $5;
