-- Follows with the usernames of both, and what was copied.

-- follow --
SELECT f.*, c.username, l.username AS leader_name
FROM evens.follows AS f JOIN evens.customers AS c ON c.id = f.customer JOIN evens.customers AS l ON l.id = f.leader
WHERE f.id = $1;

-- customers_own --
SELECT f.*, c.username, l.username AS leader_name
FROM evens.follows AS f JOIN evens.customers AS c ON c.id = f.customer JOIN evens.customers AS l ON l.id = f.leader
WHERE f.customer = $1 AND f.id < $2
ORDER BY f.id DESC LIMIT $3;

-- followers --
-- Who follows a customer, and shows so: whose profile is not private.
SELECT f.id, c.username, f.started_at
FROM evens.follows AS f JOIN evens.customers AS c ON c.id = f.customer
LEFT JOIN evens.profiles AS p ON p.customer = f.customer
WHERE f.leader = $1 AND f.status <> 3 AND f.id < $2 AND coalesce(p.visibility, 'figures') <> 'private'
ORDER BY f.id DESC LIMIT $3;

-- count_followers --
SELECT count(*) FROM evens.follows WHERE leader = $1 AND status <> 3;

-- copies --
-- What was matched of a copy on the exchange, and whether it may still be, its order says.
SELECT c.*, o.matched, o.matched_value, coalesce(o.open, false) AS open
FROM evens.copies AS c LEFT JOIN evens.orders AS o ON c.product = 1 AND c.reason IS NULL AND o.id = c.id
WHERE c.follow = $1 AND c.id < $2
ORDER BY c.id DESC LIMIT $3;

-- places --
-- What is called so: a market, an event or a pool. An event and a pool may have one name.
SELECT w.name, m.id FROM unnest($1::text[], $2::bigint[]) AS w (name, market) JOIN evens.markets AS m ON m.id = w.market
UNION ALL
SELECT w.name, e.id FROM unnest($1::text[]) AS w (name)
JOIN evens.fixtures AS e ON (e.source, e.key) IN (
    ('main', w.name), (split_part(w.name, ':', 1), substr(w.name, strpos(w.name, ':') + 1))
)
UNION ALL
SELECT w.name, p.id FROM unnest($1::text[]) AS w (name) JOIN evens.pools AS p ON p.key = w.name;

-- place_names --
SELECT id, 'mkt_' || id AS name FROM evens.markets WHERE id = ANY ($1::bigint[])
UNION ALL
SELECT id, CASE source WHEN 'main' THEN key ELSE source || ':' || key END FROM evens.fixtures WHERE id = ANY ($1::bigint[])
UNION ALL
SELECT id, key FROM evens.pools WHERE id = ANY ($1::bigint[]);

-- is_operator --
SELECT EXISTS (SELECT FROM evens.logins WHERE customer = $1 AND role IN ('operator', 'admin'));

-- window --
-- The next records of the journal that the copier has not looked at: from where on, and up to where.
SELECT p.seq, p.at, last.seq AS last_seq, last.at AS last_at
FROM evens.copier_place AS p, LATERAL (
    SELECT j.seq, j.at FROM evens.journal AS j WHERE j.seq > p.seq AND j.seq <= p.seq + $1 ORDER BY j.seq DESC LIMIT 1
) AS last;

-- looked_at --
UPDATE evens.copier_place SET seq = $1, at = $2 WHERE seq < $1;

-- matches --
-- Matches in a window of time, once for each follow of one of the two, behind a match and a follow. What lies before that
-- match is not read again.
SELECT f.id AS follow, m.id, m.market, m.runner, m.side, m.odds, m.stake, o.stake AS size, b.before,
    EXISTS (SELECT FROM evens.copies AS c WHERE c.id = m.leading AND c.reason IS NULL) AS is_copy,
    coalesce(p.copyable, false) AND NOT EXISTS (
        SELECT FROM evens.logins AS u WHERE u.customer IN (f.customer, f.leader) AND u.role IN ('operator', 'admin')
    ) AS permitted
FROM (
    SELECT id, market, runner, 3 - taker_side AS side, odds, stake, maker AS leading, maker_customer AS leader
    FROM evens.matches WHERE id >= greatest($1::bigint, $3::bigint) AND id < $2
    UNION ALL
    SELECT id, market, runner, taker_side, odds, stake, taker, taker_customer
    FROM evens.matches WHERE id >= greatest($1::bigint, $3::bigint) AND id < $2
) AS m
JOIN evens.follows AS f ON f.leader = m.leader AND f.status <> 3 AND f.started_at < m.id
JOIN evens.orders AS o ON o.id = m.leading
CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.stake), 0)::bigint AS before FROM (
        SELECT stake FROM evens.matches
        WHERE maker_customer = m.leader AND id >= o.placed_at AND id < m.id AND maker = m.leading
        UNION ALL
        SELECT stake FROM evens.matches
        WHERE taker_customer = m.leader AND id >= o.placed_at AND id < m.id AND taker = m.leading
    ) AS e
) AS b
LEFT JOIN evens.profiles AS p ON p.customer = m.leader
WHERE (m.id, f.id) > ($3, $4)
ORDER BY m.id, f.id LIMIT $5;

-- bets --
-- Bets with the house, likewise, once for each follow; a single has its leg in its own row.
SELECT f.id AS follow, b.id, b.currency_number, b.stake, b.placed_at,
    CASE WHEN b.fixture IS NULL THEN l.fixtures ELSE ARRAY[b.fixture] END AS fixtures,
    CASE WHEN b.fixture IS NULL THEN l.markets ELSE ARRAY[b.market] END AS markets,
    CASE WHEN b.fixture IS NULL THEN l.selections ELSE ARRAY[b.selection] END AS selections,
    CASE WHEN b.fixture IS NULL THEN l.all_odds ELSE ARRAY[b.odds] END AS all_odds,
    EXISTS (SELECT FROM evens.copies AS c WHERE c.id = b.id AND c.reason IS NULL) AS is_copy,
    coalesce(p.copyable, false) AND NOT EXISTS (
        SELECT FROM evens.logins AS u WHERE u.customer IN (f.customer, f.leader) AND u.role IN ('operator', 'admin')
    ) AS permitted
FROM evens.bets AS b
JOIN evens.follows AS f ON f.leader = b.customer AND f.status <> 3 AND f.id < b.id
LEFT JOIN evens.profiles AS p ON p.customer = b.customer
LEFT JOIN LATERAL (
    SELECT array_agg(e.fixture ORDER BY e.place) AS fixtures, array_agg(e.market ORDER BY e.place) AS markets,
        array_agg(e.selection ORDER BY e.place) AS selections, array_agg(e.odds ORDER BY e.place) AS all_odds
    FROM evens.bet_legs AS e WHERE e.bet = b.id
) AS l ON b.fixture IS NULL
WHERE b.id > $1 AND b.id >= $3 AND b.id <= $2 AND (b.id, f.id) > ($3, $4)
ORDER BY b.id, f.id LIMIT $5;

-- pool_bets --
-- Bets in pools, likewise.
SELECT f.id AS follow, b.id, b.round, b.side, b.stake, b.placed_at,
    EXISTS (SELECT FROM evens.copies AS c WHERE c.id = b.id AND c.reason IS NULL) AS is_copy,
    coalesce(p.copyable, false) AND NOT EXISTS (
        SELECT FROM evens.logins AS u WHERE u.customer IN (f.customer, f.leader) AND u.role IN ('operator', 'admin')
    ) AS permitted
FROM evens.pool_bets AS b
JOIN evens.follows AS f ON f.leader = b.customer AND f.status <> 3 AND f.id < b.id
LEFT JOIN evens.profiles AS p ON p.customer = b.customer
WHERE b.id > $1 AND b.id >= $3 AND b.id <= $2 AND (b.id, f.id) > ($3, $4)
ORDER BY b.id, f.id LIMIT $5;

-- settle_place --
SELECT p.settled_seq, coalesce((SELECT max(seq) FROM evens.journal_index), 0) AS indexed FROM evens.copier_place AS p;

-- records --
SELECT j.seq, j.at, j.payload
FROM evens.journal_index AS i JOIN evens.journal AS j ON j.seq = i.seq
WHERE i.kind = ANY ($1::text[]) AND i.seq > $2 AND i.seq <= $3
ORDER BY i.seq LIMIT $4;

-- settled_up_to --
UPDATE evens.copier_place SET settled_seq = $1 WHERE settled_seq < $1;

-- copies_of --
-- Copies among the orders or bets of something, of follows that are not over.
SELECT c.id, c.follow, c.settlements, c.open_risk, c.result
FROM evens.{bets} AS b
JOIN evens.copies AS c ON c.id = b.id AND c.product = {product} AND c.reason IS NULL AND NOT c.waits
JOIN evens.follows AS f ON f.id = c.follow AND (f.status <> 3 OR f.used > 0)
WHERE {which} AND c.id > $1 ORDER BY c.id LIMIT $2;

-- done_waiting --
-- Copies whose orders waited, and what was matched of them in the end.
SELECT c.id, c.follow, c.settlements, c.open_risk, c.result, o.side, o.matched, o.matched_value
FROM evens.copies AS c JOIN evens.orders AS o ON o.id = c.id
WHERE c.waits AND NOT o.open AND c.id > $1 ORDER BY c.id LIMIT $2;

-- own_matches --
SELECT o.id AS own, o.side, m.id, m.runner, m.odds, m.stake
FROM evens.orders AS o JOIN evens.matches AS m ON m.taker_customer = o.customer AND m.taker = o.id AND m.id >= o.placed_at
WHERE o.id = ANY ($1::bigint[])
UNION ALL
SELECT o.id, o.side, m.id, m.runner, m.odds, m.stake
FROM evens.orders AS o JOIN evens.matches AS m ON m.maker_customer = o.customer AND m.maker = o.id AND m.id >= o.placed_at
WHERE o.id = ANY ($1::bigint[]);

-- to_stop --
-- Active follows with a stop-loss that copies could have reached.
SELECT id, allocation, stop_loss_percent, result FROM evens.follows
WHERE status = 1 AND stop_loss_percent IS NOT NULL AND (used > 0 OR result < 0) AND id > $1 ORDER BY id LIMIT $2;

-- open_copies --
-- What open copies of follows cost, on the exchange with what closing them now would take: the best odds that wait on the
-- other side of the runner.
SELECT c.follow, c.id, c.product, o.side, o.matched, o.matched_value, CASE o.side
    WHEN 1 THEN (SELECT min(w.odds) FROM evens.orders AS w
        WHERE w.market = o.market AND w.runner = o.runner AND w.open AND w.due_at IS NULL AND w.side = 1)
    WHEN 2 THEN (SELECT max(w.odds) FROM evens.orders AS w
        WHERE w.market = o.market AND w.runner = o.runner AND w.open AND w.due_at IS NULL AND w.side = 2)
    END AS closing
FROM evens.copies AS c LEFT JOIN evens.orders AS o ON c.product = 1 AND o.id = c.id
WHERE c.follow = ANY ($1::bigint[]) AND c.open_risk > 0 AND NOT c.waits AND c.product IN (1, 2);
