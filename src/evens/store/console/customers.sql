-- Customers as operators look for them, and what waits to be decided.

-- by_name --
SELECT id FROM evens.customers WHERE lower(username) LIKE $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- by_email --
SELECT customer AS id FROM evens.logins WHERE lower(email) LIKE $1 AND customer < $2 ORDER BY customer DESC LIMIT $3;

-- by_tag --
SELECT id FROM evens.customers
WHERE string_to_array(tags, ' ') @> ARRAY[$1::text] AND tags <> '' AND id < $2 ORDER BY id DESC LIMIT $3;

-- frozen --
SELECT id FROM evens.customers WHERE frozen AND id < $1 ORDER BY id DESC LIMIT $2;

-- all --
SELECT id FROM evens.customers WHERE id < $1 ORDER BY id DESC LIMIT $2;

-- found --
SELECT c.id, c.username, l.email, c.frozen, c.registered_at, c.excluded_until, c.tags,
    (SELECT count(*) FROM evens.customer_notes AS n WHERE n.customer = c.id AND n.struck_at IS NULL) AS notes
FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
WHERE c.id = ANY ($1::bigint[]) ORDER BY c.id DESC;

-- balances --
SELECT b.account, b.balance FROM unnest($1::bigint[]) AS h (holder)
JOIN evens.balances AS b ON b.account >= h.holder << 14 AND b.account < (h.holder + 1) << 14
WHERE b.balance <> 0;

-- notes --
SELECT id, customer, text, scope, name, at, struck_by, struck_at FROM evens.customer_notes
WHERE customer = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- add_note --
INSERT INTO evens.customer_notes (customer, text, scope, name)
SELECT id, $2, $3, $4 FROM evens.customers WHERE id = $1
RETURNING id, customer, text, scope, name, at, struck_by, struck_at;

-- strike_note --
UPDATE evens.customer_notes SET struck_by = $3, struck_at = now()
WHERE id = $2 AND customer = $1 AND struck_at IS NULL;

-- waiting_withdrawals --
-- The oldest first, with how far a rail has come and whether a proposal about it waits.
SELECT w.id, w.customer, c.username, w.currency_number, w.amount, n.destination, n.reference, k.rail, k.status AS rail_status,
    (
        SELECT a.id FROM evens.approvals AS a
        WHERE a.what IN ('complete_withdrawal', 'approve_withdrawal') AND a.target = 'txn_' || w.id
            AND a.status = 'pending' AND a.expires_at > now() ORDER BY a.id DESC LIMIT 1
    ) AS approval
FROM evens.withdrawals AS w
JOIN evens.customers AS c ON c.id = w.customer
LEFT JOIN evens.transfer_notes AS n ON n.transfer = w.id
LEFT JOIN evens.chain_withdrawals AS k ON k.id = w.id
WHERE w.status = 'pending' AND w.id > $1 ORDER BY w.id LIMIT $2;

-- pending_withdrawals --
SELECT w.currency_number, k.id IS NOT NULL AS by_rail, count(*) AS pending
FROM evens.withdrawals AS w LEFT JOIN evens.chain_withdrawals AS k ON k.id = w.id
WHERE w.status = 'pending' GROUP BY 1, 2;

-- waiting --
-- How much waits, counted up to a hundred of each.
SELECT
    (SELECT count(*) FROM (SELECT FROM evens.withdrawals WHERE status = 'pending' LIMIT 100) AS w) AS withdrawals,
    (SELECT count(*) FROM (
        SELECT FROM evens.chain_withdrawals WHERE status IN ('waiting', 'stuck') LIMIT 100
    ) AS k) AS payouts,
    (SELECT count(*) FROM (
        SELECT FROM evens.approvals WHERE status = 'pending' AND expires_at > now() LIMIT 100
    ) AS a) AS approvals,
    (SELECT count(*) FROM (SELECT FROM evens.challenges WHERE status = 4 LIMIT 100) AS d) AS challenges,
    (SELECT count(*) FROM (SELECT FROM evens.quarantine LIMIT 100) AS q) AS quarantined;

-- day_ends --
-- What an account held at each of these moments, one look-up each.
SELECT m.moment, coalesce((
    SELECT CASE WHEN t.debit = $1 THEN t.debit_after ELSE t.credit_after END
    FROM (
        (SELECT * FROM evens.transfers WHERE debit = $1 AND id < m.moment ORDER BY id DESC LIMIT 1)
        UNION ALL
        (SELECT * FROM evens.transfers WHERE credit = $1 AND id < m.moment ORDER BY id DESC LIMIT 1)
    ) AS t ORDER BY t.id DESC LIMIT 1
), 0) AS balance
FROM unnest($2::bigint[]) AS m (moment) ORDER BY m.moment;

-- staked_on_rounds --
SELECT p.key || '/' || r.code AS label, p.currency_number, sum(s.staked)::bigint AS staked
FROM evens.rounds AS r
JOIN evens.pools AS p ON p.id = r.pool
JOIN evens.round_sides AS s ON s.round = r.id
WHERE NOT r.archived AND r.result IS NULL
GROUP BY r.id, p.key, r.code, p.currency_number ORDER BY staked DESC LIMIT $1;

-- matched_on_markets --
SELECT m.id, m.terms ->> 'name' AS label, m.currency_number, coalesce(sum(t.matched), 0)::bigint AS matched
FROM evens.markets AS m LEFT JOIN evens.runner_totals AS t ON t.market = m.id
WHERE NOT m.archived AND m.status < 5
GROUP BY m.id ORDER BY matched DESC, m.id DESC LIMIT $1;

-- webhooks --
-- How each live webhook is: when it last took a notice, and what is due to it.
SELECT w.url, done.last_tried_at AS delivered_at, due.due_at AS next_at, due.attempts, due.last_error, n.at AS due_since
FROM evens.webhooks AS w
LEFT JOIN LATERAL (
    SELECT last_tried_at FROM evens.deliveries WHERE webhook = w.id AND status = 'delivered' ORDER BY notice DESC LIMIT 1
) AS done ON true
LEFT JOIN LATERAL (
    SELECT notice, due_at, attempts, last_error FROM evens.deliveries
    WHERE webhook = w.id AND status = 'due' ORDER BY notice LIMIT 1
) AS due ON true
LEFT JOIN evens.outbox AS n ON n.id = due.notice
WHERE w.removed_at IS NULL ORDER BY w.created_at;

-- contested_markets --
-- Markets without a result on which the watcher of official results has stopped betting: that is how it contests one.
SELECT m.id, m.terms ->> 'name' AS label FROM evens.markets AS m
WHERE m.status IN (2, 4) AND EXISTS (
    SELECT FROM evens.journal_subjects AS s
    JOIN evens.journal_index AS i ON i.seq = s.seq AND i.kind = 'SuspendMarket' AND i.actor = $1
    WHERE s.subject = 'market ' || m.id
)
ORDER BY m.id DESC LIMIT $2;
