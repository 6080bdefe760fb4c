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
-- What became of a leader's bets: copied or skipped each, or skipped together. What was matched of a copy on the exchange,
-- and whether it may still be, its order says. ``place`` puts rows of one record in an order. An accumulator is called by
-- its first events.
SELECT e.*, o.matched, o.matched_value, coalesce(o.open, false) AS open,
    coalesce(m.terms ->> 'name', g.title, r.name || ' ' || r.code, (
        SELECT string_agg(h.title, ' + ' ORDER BY l.place)
        FROM evens.bet_legs AS l JOIN evens.fixtures AS h ON h.id = l.fixture WHERE l.bet = b.id AND l.place < 3
    )) AS title
FROM (
    (SELECT id << 5 AS place, id, product, source, 1::bigint AS bets, at, reason, refusal, stake, open_risk, result
    FROM evens.copies WHERE follow = $1 AND id <= ($2::bigint - 1) >> 5 ORDER BY id DESC LIMIT $3)
    UNION ALL
    (SELECT id << 5 | reason, id, product, last, count, at, reason, NULL, NULL, NULL, NULL
    FROM evens.skipped_bets
    WHERE follow = $1 AND id <= ($2::bigint - 1) >> 5 AND id << 5 | reason < $2 ORDER BY id DESC, reason DESC LIMIT $3)
) AS e
LEFT JOIN evens.orders AS o ON e.product = 1 AND e.reason IS NULL AND o.id = e.id
LEFT JOIN evens.matches AS t ON e.product = 1 AND t.id = e.source
LEFT JOIN evens.markets AS m ON m.id = t.market
LEFT JOIN evens.bets AS b ON e.product = 2 AND b.id = e.source
LEFT JOIN evens.fixtures AS g ON g.id = b.fixture
LEFT JOIN evens.pool_bets AS q ON e.product = 3 AND q.id = e.source
LEFT JOIN evens.rounds AS r ON r.id = q.round
ORDER BY e.place DESC LIMIT $3;

-- skipped_up_to --
-- Up to which match or bet everything is decided, of the follows that have not ended, by product: the end of an index
-- each, however much was skipped.
SELECT f.id, p.product, k.last
FROM evens.follows AS f CROSS JOIN (VALUES (1), (2), (3)) AS p (product) CROSS JOIN LATERAL (
    SELECT max(e.last) AS last FROM evens.skipped_bets AS e WHERE e.follow = f.id AND e.product = p.product
) AS k
WHERE f.status <> 3 AND k.last IS NOT NULL;

-- decided_twice --
-- Bets that were skipped together, by record and follow, where the leader made fewer than were skipped and copied of them.
SELECT k.id, k.follow FROM (
    SELECT id, follow, product, min(first) AS first, max(last) AS last, sum(count) AS count
    FROM evens.skipped_bets WHERE id >= $1 AND id < $2 GROUP BY id, follow, product
) AS k JOIN evens.follows AS f ON f.id = k.follow
WHERE k.count + (
    SELECT count(*) FROM evens.copies AS c
    WHERE c.follow = k.follow AND c.product = k.product AND c.source BETWEEN k.first AND k.last
) > CASE k.product
    WHEN 1 THEN (
        SELECT count(*) FROM evens.matches AS m WHERE m.maker_customer = f.leader AND m.id BETWEEN k.first AND k.last
    ) + (SELECT count(*) FROM evens.matches AS m WHERE m.taker_customer = f.leader AND m.id BETWEEN k.first AND k.last)
    WHEN 2 THEN (SELECT count(*) FROM evens.bets AS b WHERE b.customer = f.leader AND b.id BETWEEN k.first AND k.last)
    ELSE (SELECT count(*) FROM evens.pool_bets AS b WHERE b.customer = f.leader AND b.id BETWEEN k.first AND k.last)
END
ORDER BY k.id, k.follow LIMIT 1;

-- decided_otherwise --
-- A follow that has not ended for which more or fewer of its leader's bets were decided than there are up to the leader's
-- place. Bets and beginnings of follows are sorted together by time, so that each is looked at once, however many follow.
WITH live AS MATERIALIZED (
    SELECT id, leader, started_at FROM evens.follows WHERE status <> 3
), place AS MATERIALIZED (
    SELECT l.leader, p.product, coalesce(t.source, CASE p.product WHEN 1 THEN c.at + $1 - 1 ELSE c.seq END) AS source,
        coalesce(t.follow, 9223372036854775807) AS follow
    FROM (SELECT DISTINCT leader FROM live) AS l CROSS JOIN (VALUES (1), (2), (3)) AS p (product)
    CROSS JOIN evens.copier_place AS c LEFT JOIN evens.copier_turns AS t ON t.leader = l.leader AND t.product = p.product
), bet AS MATERIALIZED (
    SELECT p.leader, p.product, m.id, m.id AS at
    FROM place AS p JOIN evens.matches AS m ON p.product = 1 AND m.maker_customer = p.leader AND m.id <= p.source
    UNION ALL
    SELECT p.leader, p.product, m.id, m.id
    FROM place AS p JOIN evens.matches AS m ON p.product = 1 AND m.taker_customer = p.leader AND m.id <= p.source
    UNION ALL
    SELECT p.leader, p.product, b.id, b.placed_at
    FROM place AS p JOIN evens.bets AS b ON p.product = 2 AND b.customer = p.leader AND b.id <= p.source
    UNION ALL
    SELECT p.leader, p.product, b.id, b.placed_at
    FROM place AS p JOIN evens.pool_bets AS b ON p.product = 3 AND b.customer = p.leader AND b.id <= p.source
), made AS (
    SELECT follow, leader, product, at, sum(bets) OVER (
        PARTITION BY leader, product ORDER BY at DESC, bets ROWS UNBOUNDED PRECEDING
    ) AS bets
    FROM (
        SELECT leader, product, at, 1 AS bets, NULL::bigint AS follow FROM bet
        UNION ALL
        SELECT f.leader, p.product, f.started_at, 0, f.id FROM live AS f JOIN place AS p ON p.leader = f.leader
    ) AS e
), decided AS (
    SELECT e.follow, e.product, sum(e.bets) AS bets FROM (
        SELECT follow, product, source AS last, 1 AS bets FROM evens.copies
        UNION ALL
        SELECT follow, product, last, count FROM evens.skipped_bets
    ) AS e
    JOIN live AS f ON f.id = e.follow
    JOIN place AS p ON p.leader = f.leader AND p.product = e.product AND (e.last, e.follow) <= (p.source, p.follow)
    GROUP BY e.follow, e.product
)
SELECT m.follow, m.product, n.bets AS made, coalesce(d.bets, 0) AS decided
FROM made AS m
JOIN place AS p ON p.leader = m.leader AND p.product = m.product
LEFT JOIN bet AS b ON b.leader = m.leader AND b.product = m.product AND b.id = p.source AND b.at > m.at AND m.follow > p.follow
CROSS JOIN LATERAL (SELECT m.bets - (b.id IS NOT NULL)::integer AS bets) AS n
LEFT JOIN decided AS d ON d.follow = m.follow AND d.product = m.product
WHERE m.follow IS NOT NULL AND n.bets <> coalesce(d.bets, 0)
ORDER BY m.follow, m.product LIMIT 1;

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
JOIN evens.follows AS f ON f.id = c.follow AND (
    f.status <> 3 OR f.used > 0 OR f.high_water::numeric * f.performance_fee_bps >= (f.fees_paid + 1)::numeric * 10000
)
WHERE {which} AND c.id > $1 ORDER BY c.id LIMIT $2;

-- done_waiting --
-- Copies whose orders waited, and what was matched of them in the end.
SELECT c.id, c.follow, c.settlements, c.open_risk, c.result, o.side, o.matched, o.matched_value
FROM evens.copies AS c JOIN evens.orders AS o ON o.id = c.id
WHERE c.waits AND NOT o.open AND c.id > $1 ORDER BY c.id LIMIT $2;

-- fees_due --
-- Follows whose leader is still to be paid of their fee, the oldest of each account that has cash; nobody pays who is
-- frozen or owes the house.
SELECT DISTINCT ON (f.customer, f.currency_number) f.id FROM evens.follows AS f
JOIN evens.balances AS b ON b.account = (f.customer << 14 | (f.currency_number::bigint << 4)) AND b.balance > 0
JOIN evens.customers AS c ON c.id = f.customer AND NOT c.frozen
WHERE f.high_water::numeric * f.performance_fee_bps >= (f.fees_paid + 1)::numeric * 10000 AND NOT EXISTS (
    SELECT FROM evens.balances AS r
    WHERE r.account BETWEEN f.customer << 14 AND f.customer << 14 | 16383 AND r.account & 15 = 14 AND r.balance < 0
)
ORDER BY f.customer, f.currency_number, f.id LIMIT $1;

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
-- Copies of follows that are open, on the exchange with their markets.
SELECT c.follow, c.id, c.product, o.market, o.runner, o.side
FROM evens.copies AS c LEFT JOIN evens.orders AS o ON c.product = 1 AND o.id = c.id
WHERE c.follow = ANY ($1::bigint[]) AND c.open_risk > 0 AND NOT c.waits AND c.product IN (1, 2);

-- own_levels --
-- What waits in markets of the customers' own whose follows these are.
SELECT f.id AS follow, o.market, o.runner, o.side, o.odds, sum(o.remaining)::bigint AS stake
FROM evens.follows AS f JOIN evens.orders AS o ON o.customer = f.customer
WHERE f.id = ANY ($1::bigint[]) AND o.market = ANY ($2::bigint[]) AND o.open AND o.due_at IS NULL
GROUP BY f.id, o.market, o.runner, o.side, o.odds;

-- levels --
-- What waits in markets: the best of each side and runner first, which is the lowest odds for a lay and the highest for a
-- back.
SELECT market, runner, side, odds, sum(remaining)::bigint AS stake FROM evens.orders
WHERE market = ANY ($1::bigint[]) AND open AND due_at IS NULL
GROUP BY market, runner, side, odds ORDER BY market, runner, side, CASE side WHEN 1 THEN odds ELSE -odds END;
