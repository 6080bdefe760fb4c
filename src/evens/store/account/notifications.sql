-- What happened to a customer, from the tables that say so: nothing is written for it. Of each kind of thing only the
-- newest are looked at, so that it takes no longer for whoever does a lot.

-- happened --
-- Of customer $1, from $2 on, before the place ($3, $4), among the newest $5 of each kind. A place is a time and a number
-- that is unique among what happened at one time: ids of transfers and matches are times, all others are ids of records.
WITH accounts AS MATERIALIZED (
    SELECT account FROM evens.balances WHERE account >= $1::bigint << 14 AND account < ($1::bigint + 1) << 14
), own AS MATERIALIZED (
    (SELECT * FROM evens.challenges WHERE customer = $1 ORDER BY id DESC LIMIT $5)
    UNION ALL
    (SELECT * FROM evens.challenges WHERE acceptor = $1 ORDER BY id DESC LIMIT $5)
), happened AS (
    SELECT 1 AS source, t.id AS subject, t.id AS at, 0::bigint AS tie, (t.credit >> 4 & 1023)::integer AS currency_number,
        t.amount, NULL::bigint AS staked, NULL::text AS title, NULL::text AS part, t.seq
    FROM accounts AS a CROSS JOIN LATERAL (
        SELECT * FROM evens.transfers
        WHERE credit = a.account AND kind = 1 AND id >= $2 AND id <= $3 ORDER BY id DESC LIMIT $5
    ) AS t
    WHERE a.account & 15 = 0
    UNION ALL
    SELECT 2, t.id, t.id, 0, (t.credit >> 4 & 1023)::integer, t.amount, NULL, c.username, NULL, t.seq
    FROM accounts AS a CROSS JOIN LATERAL (
        SELECT * FROM evens.transfers WHERE credit = a.account AND id >= $2 AND id <= $3 ORDER BY id DESC LIMIT $5
    ) AS t
    JOIN evens.customers AS c ON c.id = t.debit >> 14
    WHERE a.account & 15 = 0 AND t.kind = 3
    UNION ALL
    SELECT CASE t.kind WHEN 5 THEN 3 ELSE 4 END, t.id, t.id, 0, (t.debit >> 4 & 1023)::integer, t.amount, NULL, NULL, NULL,
        t.seq
    FROM accounts AS a CROSS JOIN LATERAL (
        SELECT * FROM evens.transfers WHERE debit = a.account AND id >= $2 AND id <= $3 ORDER BY id DESC LIMIT $5
    ) AS t
    WHERE a.account & 15 = 2 AND t.kind IN (4, 5)
    UNION ALL
    SELECT 5, m.maker, m.at, 0, k.currency_number, m.stake, NULL, k.terms ->> 'name', k.id::text, NULL
    FROM (
        SELECT maker, market, max(id) AS at, sum(stake)::bigint AS stake
        FROM (
            SELECT * FROM evens.matches WHERE maker_customer = $1 AND id >= $2 ORDER BY id DESC LIMIT $5
        ) AS newest
        GROUP BY maker, market
    ) AS m
    JOIN evens.markets AS k ON k.id = m.market
    UNION ALL
    SELECT 6, k.id, k.settled_at, k.id << 4, k.currency_number, s.profit - s.commission, NULL, k.terms ->> 'name', NULL, NULL
    FROM (
        SELECT DISTINCT ON (market) market, profit, commission FROM evens.settlements
        WHERE customer = $1 ORDER BY market DESC, settlement DESC LIMIT $5
    ) AS s
    JOIN evens.markets AS k ON k.id = s.market AND k.settled_at IS NOT NULL
    UNION ALL
    SELECT 7, f.id, s.settled_at, (f.id << 10 | s.currency_number) << 4, s.currency_number, s.returned, s.staked, f.title,
        CASE f.source WHEN 'main' THEN '' ELSE f.source || ':' END || f.key, NULL
    FROM (
        SELECT fixture, settled_at, currency_number, sum(returned)::bigint AS returned, sum(staked)::bigint AS staked
        FROM (
            SELECT * FROM evens.singles_settled
            WHERE customer = $1 AND settled_at >= $2 AND settled_at <= $3 ORDER BY settled_at DESC LIMIT $5
        ) AS newest
        GROUP BY fixture, settled_at, currency_number
    ) AS s
    JOIN evens.fixtures AS f ON f.id = s.fixture
    UNION ALL
    SELECT CASE b.ended WHEN 1 THEN 8 WHEN 2 THEN 9 ELSE 10 END, b.id, b.ended_at, b.id << 4, b.currency_number,
        coalesce(b.returned, b.stake), b.stake,
        coalesce(f.title, (
            SELECT string_agg(g.title, ' + ' ORDER BY l.place)
            FROM evens.bet_legs AS l JOIN evens.fixtures AS g ON g.id = l.fixture WHERE l.bet = b.id AND l.place < 3
        )), NULL, NULL
    FROM (
        SELECT * FROM evens.bets
        WHERE customer = $1 AND ended IS NOT NULL AND ended_at >= $2 AND ended_at <= $3 ORDER BY ended_at DESC LIMIT $5
    ) AS b
    LEFT JOIN evens.fixtures AS f ON f.id = b.fixture
    UNION ALL
    SELECT 11, id, accepted_at, id << 4, currency_number, NULL, NULL, title, NULL, NULL
    FROM own WHERE customer = $1 AND accepted_at IS NOT NULL
    UNION ALL
    SELECT 12, id, payable_at - dispute_window_ms * 1000000, id << 4, currency_number, NULL, NULL, title, NULL, NULL
    FROM own WHERE outcome IS NOT NULL AND payable_at IS NOT NULL
    UNION ALL
    SELECT 13, o.id, o.ended_at, (o.id << 4) + 1, o.currency_number, mine.profit - greatest(sign(mine.profit), 0)::bigint * s.fee,
        NULL, o.title, NULL, NULL
    FROM own AS o
    CROSS JOIN LATERAL (
        SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = o.id ORDER BY settlement DESC LIMIT 1
    ) AS s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN (o.side = 1) = (o.customer = $1) THEN s.backer_profit ELSE s.layer_profit END AS profit
    ) AS mine
    WHERE o.status = 5 AND o.ended_at IS NOT NULL
    UNION ALL
    SELECT 14, id, ended_at, (id << 4) + 1, currency_number, NULL, NULL, title, NULL, NULL
    FROM own WHERE status = 7 AND customer = $1 AND ended_at IS NOT NULL
    UNION ALL
    SELECT 15, r.id, s.settled_at, r.id << 4, p.currency_number, s.returned, s.staked, r.name, p.key || '/' || r.code, NULL
    FROM (
        SELECT * FROM evens.stakes_settled
        WHERE customer = $1 AND settled_at >= $2 AND settled_at <= $3 ORDER BY settled_at DESC LIMIT $5
    ) AS s
    JOIN evens.rounds AS r ON r.id = s.round
    JOIN evens.pools AS p ON p.id = r.pool
    UNION ALL
    SELECT 16, 0, (extract(epoch FROM n.begun_at) * 1000000)::bigint * 1000, 0, NULL, NULL, NULL, n.address, n.id::text, NULL
    FROM evens.sessions AS n
    WHERE n.customer = $1 AND n.address IS NOT NULL
        AND EXISTS (SELECT FROM evens.sessions AS e WHERE e.customer = $1 AND e.begun_at < n.begun_at)
        AND NOT EXISTS (
            SELECT FROM evens.sessions AS e
            WHERE e.customer = $1 AND e.begun_at < n.begun_at AND e.address = n.address
        )
    UNION ALL
    SELECT CASE WHEN c.reason IS NULL THEN 17 ELSE 18 END, f.id, c.at, c.id << 4, f.currency_number, c.stake, NULL, l.username,
        NULL, NULL
    FROM evens.follows AS f
    CROSS JOIN LATERAL (
        SELECT * FROM evens.copies WHERE follow = f.id AND at >= $2 AND at <= $3 ORDER BY id DESC LIMIT $5
    ) AS c
    JOIN evens.customers AS l ON l.id = f.leader
    WHERE f.customer = $1
    UNION ALL
    SELECT 18, f.id, k.at, k.id << 4, f.currency_number, NULL, NULL, l.username, NULL, NULL
    FROM evens.follows AS f
    CROSS JOIN LATERAL (
        SELECT DISTINCT id, at FROM evens.skipped_bets
        WHERE follow = f.id AND at >= $2 AND at <= $3 ORDER BY id DESC LIMIT $5
    ) AS k
    JOIN evens.customers AS l ON l.id = f.leader
    WHERE f.customer = $1
)
SELECT source, subject, at, tie + source AS tie, currency_number, amount, staked, title, part, seq
FROM happened
WHERE at >= $2 AND (at, tie + source) < ($3, $4)
ORDER BY at DESC, tie + source DESC LIMIT $6;

-- records --
SELECT seq, payload FROM evens.journal WHERE seq = ANY ($1::bigint[]);

-- read_up_to --
SELECT up_to FROM evens.notifications_read WHERE customer = $1;

-- mark_read --
INSERT INTO evens.notifications_read AS r (customer, up_to) VALUES ($1, $2)
ON CONFLICT (customer) DO UPDATE SET up_to = greatest(r.up_to, excluded.up_to);
