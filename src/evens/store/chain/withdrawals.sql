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
SELECT * FROM evens.chain_withdrawals WHERE rail = $1 AND status = $2 ORDER BY id LIMIT $3

-- one --
SELECT * FROM evens.chain_withdrawals WHERE id = $1

-- many --
SELECT * FROM evens.chain_withdrawals
WHERE id < $1 AND ($2::bigint IS NULL OR customer = $2) AND ($3::text IS NULL OR status = $3)
ORDER BY id DESC LIMIT $4

-- approve_within --
UPDATE evens.chain_withdrawals AS c SET status = 'approved', approved_by = 'limit', approved_at = now()
WHERE c.id = $1 AND c.status = 'waiting' AND c.amount + coalesce((
    SELECT sum(o.amount) FROM evens.chain_withdrawals AS o
    WHERE o.customer = c.customer AND o.rail = c.rail AND o.approved_by = 'limit' AND o.id <> c.id
        AND o.approved_at > now() - interval '24 hours'
), 0) <= $2
RETURNING *

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
RETURNING *

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
