-- What the copier reads: who has bets to be copied, which bets these are, and for which follows.

-- scan --
-- Note which followed leaders bet in the next records of the journal that were not looked at, and move the place behind
-- them. A leader who is noted already waits from further back. A record's matches are numbered from its time on. The place
-- is locked, here and by `done`: several servers copy at a time, and a leader must not be forgotten while one of them
-- finds their next bets.
WITH place AS MATERIALIZED (
    SELECT seq, at FROM evens.copier_place FOR UPDATE
), span AS MATERIALIZED (
    SELECT p.seq, p.at + $2 AS moment, last.seq AS last_seq, last.at AS last_at
    FROM place AS p, LATERAL (
        SELECT j.seq, j.at FROM evens.journal AS j WHERE j.seq > p.seq AND j.seq <= p.seq + $1 ORDER BY j.seq DESC LIMIT 1
    ) AS last
), bet AS (
    SELECT m.maker_customer AS leader, 1 AS product, s.moment - 1 AS source
    FROM span AS s JOIN evens.matches AS m ON m.id >= s.moment AND m.id < s.last_at + $2
    UNION
    SELECT m.taker_customer, 1, s.moment - 1
    FROM span AS s JOIN evens.matches AS m ON m.id >= s.moment AND m.id < s.last_at + $2
    UNION
    SELECT b.customer, 2, s.seq FROM span AS s JOIN evens.bets AS b ON b.id > s.seq AND b.id <= s.last_seq
    UNION
    SELECT b.customer, 3, s.seq FROM span AS s JOIN evens.pool_bets AS b ON b.id > s.seq AND b.id <= s.last_seq
), noted AS (
    INSERT INTO evens.copier_turns (leader, product, source, follow, ahead_source, ahead_follow)
    SELECT b.leader, b.product, b.source, 9223372036854775807, b.source, 9223372036854775807 FROM bet AS b
    WHERE EXISTS (SELECT FROM evens.follows AS f WHERE f.leader = b.leader AND f.status <> 3)
    ON CONFLICT DO NOTHING
)
UPDATE evens.copier_place AS p SET seq = s.last_seq, at = s.last_at FROM span AS s RETURNING s.last_seq - s.seq;

-- leaders --
-- Who is next behind a leader, in the order of their ids.
SELECT DISTINCT leader FROM evens.copier_turns WHERE leader > $1 ORDER BY leader LIMIT $2;

-- turns --
-- Where some leaders stand, how many follow each of them, paused or not, and up to where the journal was looked at.
-- Nobody asks for more than $3 of those who follow.
SELECT t.leader, t.product, t.source, t.follow, t.ahead_source, t.ahead_follow,
    CASE t.product WHEN 1 THEN p.at + $2 - 1 ELSE p.seq END AS until, f.followers, f.active
FROM unnest($1::bigint[]) AS l (leader) CROSS JOIN LATERAL (
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM evens.follows AS f WHERE f.leader = l.leader AND f.status <> 3 LIMIT $3
        ) AS f) AS followers,
        (SELECT count(*) FROM (
            SELECT FROM evens.follows AS f WHERE f.leader = l.leader AND f.status <> 3 AND f.status = 1 LIMIT $3
        ) AS f) AS active
    OFFSET 0
) AS f
JOIN evens.copier_turns AS t ON t.leader = l.leader
CROSS JOIN evens.copier_place AS p
ORDER BY t.leader, t.product;

-- followers --
-- How many follow a leader, paused or not, up to $2.
SELECT count(*) FROM (SELECT FROM evens.follows AS f WHERE f.leader = $1 AND f.status <> 3 LIMIT $2) AS f;

-- turned_ahead --
UPDATE evens.copier_turns SET ahead_source = $5, ahead_follow = $6
WHERE leader = $1 AND product = $2 AND ahead_source = $3 AND ahead_follow = $4;

-- turned --
UPDATE evens.copier_turns SET source = $5, follow = $6
WHERE leader = $1 AND product = $2 AND source = $3 AND follow = $4;

-- done --
-- Forget a leader of whom nothing is left before the place; not if the place has moved on.
WITH place AS MATERIALIZED (
    SELECT seq, at FROM evens.copier_place FOR UPDATE
)
DELETE FROM evens.copier_turns AS t USING place AS p
WHERE t.leader = $1 AND t.product = $2 AND t.source = $3 AND t.follow = $4
    AND CASE t.product WHEN 1 THEN p.at + $6 - 1 ELSE p.seq END = $5;

-- matches --
-- A leader's next matches with their orders. A match is of a copy if its order is one, or came in the place of one: copies
-- are filled or killed, and so is what replaces them.
WITH own AS MATERIALIZED (
    SELECT * FROM (
        (SELECT id, market, runner, 3 - taker_side AS side, odds, stake, maker AS lead
        FROM evens.matches WHERE maker_customer = $1 AND id >= $2 AND id <= $3 ORDER BY id LIMIT $4)
        UNION ALL
        (SELECT id, market, runner, taker_side, odds, stake, taker
        FROM evens.matches WHERE taker_customer = $1 AND id >= $2 AND id <= $3 ORDER BY id LIMIT $4)
    ) AS m ORDER BY id LIMIT $4
), orders AS (
    SELECT f.lead, o.stake AS size, (
        WITH RECURSIVE chain (id) AS (
            SELECT f.lead
            UNION ALL
            SELECT r.replaces FROM chain AS c JOIN evens.orders AS r ON r.id = c.id
            WHERE r.replaces IS NOT NULL AND r.time_in_force = 2
        )
        SELECT EXISTS (SELECT FROM chain AS c JOIN evens.copies AS k ON k.id = c.id AND k.reason IS NULL)
    ) AS is_copy, (
        SELECT coalesce(sum(e.stake), 0)::bigint FROM (
            SELECT stake FROM evens.matches
            WHERE maker_customer = $1 AND id >= o.placed_at AND id < f.id AND maker = f.lead
            UNION ALL
            SELECT stake FROM evens.matches
            WHERE taker_customer = $1 AND id >= o.placed_at AND id < f.id AND taker = f.lead
        ) AS e
    ) AS before
    FROM (SELECT lead, min(id) AS id FROM own GROUP BY lead) AS f JOIN evens.orders AS o ON o.id = f.lead
)
SELECT m.id, m.id AS struck_at, k.currency_number, l.is_copy, m.market::text AS places, m.market, m.runner, m.side, m.odds,
    m.stake, l.size, (l.before + coalesce(sum(m.stake) OVER (
        PARTITION BY m.lead ORDER BY m.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0))::bigint AS before
FROM own AS m JOIN orders AS l ON l.lead = m.lead JOIN evens.markets AS k ON k.id = m.market
ORDER BY m.id;

-- bets --
-- A leader's next bets with the house; a single has its leg in its own row. Whether one is a copy is looked up for each:
-- of what EXISTS asks, PostgreSQL may read the whole table first.
SELECT b.id, b.placed_at AS struck_at, b.currency_number, b.stake,
    (SELECT c.reason IS NULL FROM evens.copies AS c WHERE c.id = b.id) IS TRUE AS is_copy,
    CASE WHEN b.fixture IS NULL THEN array_to_string(l.fixtures, ' ') ELSE b.fixture::text END AS places,
    CASE WHEN b.fixture IS NULL THEN l.fixtures ELSE ARRAY[b.fixture] END AS fixtures,
    CASE WHEN b.fixture IS NULL THEN l.markets ELSE ARRAY[b.market] END AS markets,
    CASE WHEN b.fixture IS NULL THEN l.selections ELSE ARRAY[b.selection] END AS selections,
    CASE WHEN b.fixture IS NULL THEN l.all_odds ELSE ARRAY[b.odds] END AS all_odds
FROM evens.bets AS b
LEFT JOIN LATERAL (
    SELECT array_agg(e.fixture ORDER BY e.place) AS fixtures, array_agg(e.market ORDER BY e.place) AS markets,
        array_agg(e.selection ORDER BY e.place) AS selections, array_agg(e.odds ORDER BY e.place) AS all_odds
    FROM evens.bet_legs AS e WHERE e.bet = b.id
) AS l ON b.fixture IS NULL
WHERE b.customer = $1 AND b.id >= $2 AND b.id <= $3 ORDER BY b.id LIMIT $4;

-- pool_bets --
-- A leader's next bets in pools.
SELECT b.id, b.placed_at AS struck_at, p.currency_number, b.round, b.side, b.stake,
    (SELECT c.reason IS NULL FROM evens.copies AS c WHERE c.id = b.id) IS TRUE AS is_copy, p.id::text AS places
FROM evens.pool_bets AS b JOIN evens.rounds AS r ON r.id = b.round JOIN evens.pools AS p ON p.id = r.pool
WHERE b.customer = $1 AND b.id >= $2 AND b.id <= $3 ORDER BY b.id LIMIT $4;

-- expired_matches --
-- A leader's next matches of which a minute has passed: nothing else has to be known of them.
SELECT id, id AS struck_at, 0::smallint AS currency_number, false AS is_copy, '' AS places FROM (
    (SELECT id FROM evens.matches WHERE maker_customer = $1 AND id >= $2 AND id <= least($3::bigint, $5::bigint - 1) ORDER BY id LIMIT $4)
    UNION ALL
    (SELECT id FROM evens.matches WHERE taker_customer = $1 AND id >= $2 AND id <= least($3::bigint, $5::bigint - 1) ORDER BY id LIMIT $4)
) AS m ORDER BY id LIMIT $4;

-- expired_bets --
SELECT id, placed_at AS struck_at, 0::smallint AS currency_number, false AS is_copy, '' AS places FROM (
    SELECT id, placed_at FROM evens.bets WHERE customer = $1 AND id >= $2 AND id <= $3 ORDER BY id LIMIT $4
) AS b WHERE placed_at < $5 ORDER BY id;

-- expired_pool_bets --
SELECT id, placed_at AS struck_at, 0::smallint AS currency_number, false AS is_copy, '' AS places FROM (
    SELECT id, placed_at FROM evens.pool_bets WHERE customer = $1 AND id >= $2 AND id <= $3 ORDER BY id LIMIT $4
) AS b WHERE placed_at < $5 ORDER BY id;

-- pairs --
-- For which follows these bets of a leader are still to be decided. A bet that may be copied is a row of its own, whose
-- reason is null; what no market has to be asked for is one row for each follow and reason. Reasons are looked for in the
-- order of the rules. Behind $12 bets that may be copied, nothing is read. With $13 nothing but these is. Of each bet the
-- follows are gone through in the order of an index, from the place on and until there are enough.
WITH leader AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM evens.profiles AS p WHERE p.customer = $6 AND p.copyable AND p.visibility <> 'private')
        AND NOT EXISTS (SELECT FROM evens.logins AS u WHERE u.customer = $6 AND u.role IN ('operator', 'admin'))
        AS permitted, EXISTS (SELECT FROM evens.customers AS c WHERE c.id = $6 AND c.frozen)
        OR EXISTS (SELECT FROM evens.stake_factors AS w WHERE $7::text = '2' AND w.customer = $6 AND w.percent < 100)
        AS limited
), found AS MATERIALIZED (
    SELECT s.source, e.follow, e.products, e.markets, e.permitted, e.reason
    FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::boolean[], $5::text[])
        AS s (source, struck_at, currency_number, is_copy, places)
    CROSS JOIN leader AS l
    CROSS JOIN LATERAL (
        SELECT f.id AS follow, f.products, f.markets, p.permitted, r.reason
        FROM evens.follows AS f
        CROSS JOIN LATERAL (SELECT l.permitted AND NOT EXISTS (
            SELECT FROM evens.logins AS u WHERE u.customer = f.customer AND u.role IN ('operator', 'admin')
        ) AS permitted) AS p
        CROSS JOIN LATERAL (SELECT CASE
            WHEN f.status = 2 THEN CASE WHEN f.stopped IS NULL THEN 2 ELSE 3 END
            WHEN (f.allocation::numeric + f.result) * 100 <= f.allocation::numeric * f.stop_loss_percent THEN 3
            WHEN s.struck_at <= f.active_from THEN 2
            WHEN s.struck_at < $10 THEN 4
            WHEN s.is_copy THEN 5
            WHEN NOT p.permitted OR l.limited
                OR EXISTS (SELECT FROM evens.customers AS c WHERE c.id = f.customer AND c.frozen)
                OR EXISTS (
                    SELECT FROM evens.stake_factors AS w WHERE $7::text = '2' AND w.customer = f.customer AND w.percent < 100
                ) THEN 6
            WHEN NOT $7::text = ANY (string_to_array(f.products, ' ')) THEN 7
            WHEN f.markets <> '' AND NOT string_to_array(s.places, ' ') <@ string_to_array(f.markets, ' ') THEN 7
            WHEN s.currency_number <> f.currency_number THEN 8
        END AS reason) AS r
        WHERE f.leader = $6 AND f.status <> 3 AND f.id > CASE WHEN s.source = $8 THEN $9::bigint ELSE 0 END
            AND f.started_at < s.struck_at AND (NOT $13::boolean OR (f.status = 1 AND r.reason IS NULL))
            AND NOT (SELECT EXISTS (
                SELECT FROM evens.copies AS c WHERE c.follow = f.id AND c.product = ($7::text)::smallint AND c.source = s.source
            ))
            AND NOT (SELECT EXISTS (
                SELECT FROM evens.skipped_bets AS k WHERE k.follow = f.id AND k.product = ($7::text)::smallint AND k.last >= s.source
            ))
        ORDER BY f.id LIMIT $11
    ) AS e
    WHERE s.source >= $8
    ORDER BY s.source, e.follow LIMIT $11
), cut AS (
    SELECT source, follow FROM found WHERE reason IS NULL ORDER BY source, follow OFFSET $12 LIMIT 1
)
SELECT follow, reason, min(source) AS first, max(source) AS last, count(*) AS count,
    bool_and(permitted) AS permitted, min(products) AS products, min(markets) AS markets
FROM found
WHERE NOT EXISTS (SELECT FROM cut) OR (source, follow) < (SELECT source, follow FROM cut)
GROUP BY follow, reason, CASE WHEN reason IS NULL THEN source END
ORDER BY last, follow;
