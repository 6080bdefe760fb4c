-- The journal as operators read it, and the index that leads into it.

-- newest --
SELECT seq, at, command_id, hash, payload FROM evens.journal WHERE seq < $1 ORDER BY seq DESC LIMIT $2;

-- oldest --
SELECT seq, at, command_id, hash, payload FROM evens.journal WHERE seq > $1 ORDER BY seq LIMIT $2;

-- some --
SELECT seq, at, command_id, hash, payload FROM evens.journal WHERE seq = ANY ($1::bigint[]) ORDER BY seq DESC;

-- hashes --
SELECT seq, hash FROM evens.journal WHERE seq = ANY ($1::bigint[]);

-- by_kind --
SELECT seq FROM evens.journal_index WHERE kind = $3 AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2;

-- by_actor --
SELECT seq FROM evens.journal_index WHERE actor = $3 AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2;

-- by_subject --
SELECT seq FROM evens.journal_subjects WHERE subject = $3 AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2;

-- by_market --
SELECT seq FROM (
    (SELECT seq FROM evens.journal_subjects WHERE subject = 'market ' || $3::bigint::text AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2)
    UNION
    (SELECT id FROM evens.orders WHERE market = $3::bigint AND id {beyond} $1 ORDER BY id {direction} LIMIT $2)
) AS found ORDER BY seq {direction} LIMIT $2;

-- by_round --
SELECT seq FROM (
    (SELECT seq FROM evens.journal_subjects WHERE subject = 'round ' || $3::bigint::text AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2)
    UNION
    (SELECT id FROM evens.pool_bets WHERE round = $3::bigint AND id {beyond} $1 ORDER BY id {direction} LIMIT $2)
) AS found ORDER BY seq {direction} LIMIT $2;

-- by_order --
-- Its own record, which has its number; whose orders met it while it waited; and what was done to it by name. Where it was
-- a leg of a set of cross-matched orders, whose taker is 0, the record is of the order that the set's legs follow.
SELECT seq FROM (
    (SELECT seq FROM evens.journal_subjects WHERE subject = 'order ' || $3::bigint::text AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2)
    UNION
    (SELECT id FROM evens.orders WHERE id = $3::bigint AND id {beyond} $1)
    UNION
    (
        SELECT m.taker FROM evens.orders AS o
        JOIN evens.matches AS m ON m.maker_customer = o.customer AND m.maker = o.id
        WHERE o.id = $3::bigint AND m.taker <> 0 AND m.taker {beyond} $1 ORDER BY m.taker {direction} LIMIT $2
    )
    UNION
    (
        SELECT head.taker FROM evens.orders AS o
        JOIN evens.matches AS m ON m.maker_customer = o.customer AND m.maker = o.id AND m.taker = 0
        CROSS JOIN LATERAL (
            SELECT each.taker FROM evens.matches AS each
            WHERE each.market = m.market AND each.id < m.id AND each.taker <> 0 ORDER BY each.id DESC LIMIT 1
        ) AS head
        WHERE o.id = $3::bigint AND head.taker {beyond} $1 ORDER BY head.taker {direction} LIMIT $2
    )
) AS found ORDER BY seq {direction} LIMIT $2;

-- by_bet --
SELECT seq FROM (
    (SELECT seq FROM evens.journal_subjects WHERE subject = 'bet ' || $3::bigint::text AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2)
    UNION
    (SELECT id FROM evens.bets WHERE id = $3::bigint AND id {beyond} $1)
    UNION
    (SELECT id FROM evens.pool_bets WHERE id = $3::bigint AND id {beyond} $1)
) AS found ORDER BY seq {direction} LIMIT $2;

-- by_customer --
-- What an operator or the customer did, and everything that moved their cash. A record has at most 1,024 transfers.
SELECT DISTINCT seq FROM (
    (SELECT seq FROM evens.journal_subjects WHERE subject = 'customer ' || $3::bigint::text AND seq {beyond} $1 ORDER BY seq {direction} LIMIT $2)
    UNION ALL
    (SELECT id FROM evens.orders WHERE customer = $3::bigint AND id {beyond} $1 ORDER BY id {direction} LIMIT $2)
    UNION ALL
    (SELECT id FROM evens.bets WHERE customer = $3::bigint AND id {beyond} $1 ORDER BY id {direction} LIMIT $2)
    UNION ALL
    (SELECT id FROM evens.pool_bets WHERE customer = $3::bigint AND id {beyond} $1 ORDER BY id {direction} LIMIT $2)
    UNION ALL
    (
        SELECT moved.seq FROM evens.currencies AS c
        CROSS JOIN LATERAL (
            (SELECT t.seq FROM evens.transfers AS t WHERE t.debit = (($3::bigint << 14) | (c.number::bigint << 4)) AND t.id {beyond} $4
                ORDER BY t.id {direction} LIMIT $2 * 1024)
            UNION ALL
            (SELECT t.seq FROM evens.transfers AS t WHERE t.credit = (($3::bigint << 14) | (c.number::bigint << 4)) AND t.id {beyond} $4
                ORDER BY t.id {direction} LIMIT $2 * 1024)
        ) AS moved
    )
) AS found WHERE seq {beyond} $1 ORDER BY seq {direction} LIMIT $2;

-- moment --
SELECT at FROM evens.journal WHERE seq = $1;

-- place --
SELECT coalesce((SELECT max(seq) FROM evens.journal_index), 0) AS indexed, (SELECT seq FROM evens.head) AS seq;

-- index --
WITH added AS (
    INSERT INTO evens.journal_index (seq, kind, actor) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
    ON CONFLICT DO NOTHING
)
INSERT INTO evens.journal_subjects (subject, seq) SELECT * FROM unnest($4::text[], $5::bigint[]) ON CONFLICT DO NOTHING;

-- audit_begun --
INSERT INTO evens.audits (started_by) VALUES ($1) RETURNING id;

-- audit_ended --
UPDATE evens.audits SET ended_at = now(), seq = $2, hash = $3, transfers = $4, accounts = $5, problems = $6, trouble = $7
WHERE id = $1;

-- audits --
SELECT id, started_at, started_by, ended_at, seq, hash, transfers, accounts, problems, trouble
FROM evens.audits WHERE id < $1 ORDER BY id DESC LIMIT $2;
