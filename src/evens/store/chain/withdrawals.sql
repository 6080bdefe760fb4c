What the chain rail keeps of payouts.

-- take_up --
INSERT INTO evens.chain_withdrawals (id, rail, customer, destination, amount, status)
SELECT w.id, $1, w.customer, n.destination, w.amount, 'waiting'
FROM evens.withdrawals AS w JOIN evens.transfer_notes AS n ON n.transfer = w.id
WHERE w.status = 'pending' AND n.destination ~ $3 AND ($4::bigint IS NULL OR w.id = $4)
    AND w.currency_number = (SELECT number FROM evens.currencies WHERE code = $2)
    AND NOT EXISTS (SELECT FROM evens.chain_withdrawals AS c WHERE c.id = w.id)
ON CONFLICT (id) DO NOTHING

-- live --
SELECT * FROM evens.chain_withdrawals WHERE rail = $1 AND status = $2 AND id > $3 ORDER BY id LIMIT $4

-- promised --
SELECT coalesce(sum(amount), 0) AS amount FROM evens.chain_withdrawals WHERE rail = $1 AND status = 'sent'

-- one --
SELECT * FROM evens.chain_withdrawals WHERE id = $1

-- many --
SELECT * FROM evens.chain_withdrawals WHERE id < $1 {conditions} ORDER BY id DESC LIMIT $2

-- approve_within --
UPDATE evens.chain_withdrawals AS c SET status = 'approved', approved_by = 'limit', approved_at = now()
WHERE c.id = $1 AND c.status = 'waiting' AND c.amount + coalesce((
    SELECT sum(o.amount) FROM evens.chain_withdrawals AS o
    WHERE o.customer = c.customer AND o.rail = c.rail AND o.approved_by = 'limit' AND o.id <> c.id
        AND o.approved_at > now() - interval '24 hours'
), 0) <= $2 AND NOT EXISTS (SELECT FROM evens.customers AS f WHERE f.id = c.customer AND f.frozen)
RETURNING *

-- hold_frozen --
-- What no operator has looked at does not leave when its customer was frozen meanwhile.
UPDATE evens.chain_withdrawals AS c SET status = 'waiting', approved_by = NULL, approved_at = NULL, reason = NULL
FROM evens.customers AS f
WHERE c.rail = $1 AND c.status = 'approved' AND c.approved_by = 'limit' AND f.id = c.customer AND f.frozen
    AND NOT EXISTS (SELECT FROM evens.chain_sendings AS s WHERE s.withdrawal = c.id)

-- follow_the_books --
-- What was decided without the rail, by a server that has none, is not paid. What was ever signed is followed instead.
UPDATE evens.chain_withdrawals AS c
SET status = CASE w.status WHEN 'completed' THEN 'by_hand' ELSE 'rejected' END, claimed_at = now()
FROM evens.withdrawals AS w
WHERE c.rail = $1 AND c.status IN ('waiting', 'approved') AND w.id = c.id AND w.status <> 'pending'
    AND NOT EXISTS (SELECT FROM evens.chain_sendings AS s WHERE s.withdrawal = c.id)

-- in_the_books --
SELECT status FROM evens.withdrawals WHERE id = $1

-- approve --
UPDATE evens.chain_withdrawals
SET status = 'approved', approved_by = $2, approved_at = now(), account = NULL, nonce = NULL, reason = NULL
WHERE id = $1 AND status IN ('waiting', 'stuck')
RETURNING *

-- claim --
UPDATE evens.chain_withdrawals SET status = $2, claimed_at = now()
WHERE id = $1 AND status IN ('waiting', 'approved', 'stuck')
RETURNING *

-- begin --
UPDATE evens.chain_withdrawals AS c SET status = 'signing'
WHERE c.id = $1 AND c.status = 'approved'
    AND EXISTS (SELECT FROM evens.withdrawals AS w WHERE w.id = c.id AND w.status = 'pending')
RETURNING *

-- next_nonce --
SELECT coalesce(max(s.nonce) + 1, 0) FROM evens.chain_sendings AS s
JOIN evens.chain_withdrawals AS c ON c.id = s.withdrawal WHERE c.rail = $1 AND s.account = $2

-- set_off --
UPDATE evens.chain_withdrawals AS c SET status = 'sent', account = $2, nonce = $3, reason = NULL
WHERE c.id = $1 AND c.status = 'approved'
    AND EXISTS (SELECT FROM evens.withdrawals AS w WHERE w.id = c.id AND w.status = 'pending')
    AND NOT EXISTS (SELECT FROM evens.chain_sendings AS s WHERE s.account = $2 AND s.nonce = $3 AND s.withdrawal <> c.id)
RETURNING *

-- lock_account --
SELECT pg_advisory_xact_lock(hashtextextended('evens chain account ' || $1, 0))

-- add_sending --
INSERT INTO evens.chain_sendings (tx_hash, withdrawal, account, nonce, raw, fee_wei, tip_wei)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tx_hash) DO NOTHING

-- sendings --
SELECT * FROM evens.chain_sendings WHERE withdrawal = $1 ORDER BY fee_wei DESC, sent_at DESC

-- close --
UPDATE evens.chain_withdrawals
SET status = $2, reason = $3, tx_hash = coalesce($4, tx_hash), block_number = coalesce($5, block_number)
WHERE id = $1 RETURNING *

-- note --
UPDATE evens.chain_withdrawals SET reason = $2 WHERE id = $1 AND reason IS DISTINCT FROM $2 RETURNING id

-- counts --
SELECT status, count(*) AS number FROM evens.chain_withdrawals
WHERE rail = $1 AND status IN ('waiting', 'approved', 'signing', 'sent', 'stuck') GROUP BY status

-- rejected --
SELECT c.* FROM evens.chain_withdrawals AS c JOIN evens.withdrawals AS w ON w.id = c.id
WHERE c.rail = $1 AND c.status = 'rejected' AND w.status = 'pending' AND c.claimed_at < now() - interval '1 minute'
ORDER BY c.id LIMIT $2
