What the chain rail keeps of addresses, blocks and arrivals.

-- address --
SELECT address FROM evens.chain_addresses WHERE rail = $1 AND customer = $2

-- keep_address --
INSERT INTO evens.chain_addresses (rail, customer, address) VALUES ($1, $2, $3) ON CONFLICT (rail, customer) DO NOTHING

-- owners --
SELECT lower(address) AS address, customer FROM evens.chain_addresses WHERE rail = $1 AND lower(address) = ANY ($2)

-- cursor --
SELECT number, hash FROM evens.chain_cursors WHERE rail = $1 ORDER BY number DESC LIMIT 1

-- blocks_read --
SELECT number, hash FROM evens.chain_cursors WHERE rail = $1 ORDER BY number DESC

-- lock_rail --
SELECT pg_advisory_xact_lock(hashtextextended('evens chain cursor ' || $1, 0))

-- advance --
INSERT INTO evens.chain_cursors (rail, number, hash) VALUES ($1, $2, $3)

-- forget_old --
DELETE FROM evens.chain_cursors WHERE rail = $1 AND number <= $2

-- go_back --
DELETE FROM evens.chain_cursors WHERE rail = $1 AND number > $2

-- orphan --
UPDATE evens.chain_deposits SET status = 'orphaned'
WHERE rail = $1 AND block_number > $2 AND status IN ('found', 'credited', 'refused', 'ignored')
RETURNING *

-- send_again --
UPDATE evens.chain_withdrawals AS c SET status = 'sent', tx_hash = NULL, block_number = NULL,
    account = s.account, nonce = s.nonce
FROM evens.chain_sendings AS s
WHERE c.rail = $1 AND c.block_number > $2 AND c.status = 'confirmed' AND s.tx_hash = c.tx_hash
    AND NOT EXISTS (SELECT FROM evens.reversals AS r WHERE r.transfer = c.id)
RETURNING c.id

-- returned_after --
SELECT c.id FROM evens.chain_withdrawals AS c
WHERE c.rail = $1 AND c.block_number > $2
    AND (c.status = 'returned' OR EXISTS (SELECT FROM evens.reversals AS r WHERE r.transfer = c.id))

-- find --
INSERT INTO evens.chain_deposits AS d
    (rail, tx_hash, ordinal, block_number, block_hash, token, sender, address, customer, units, amount, dust, status, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (rail, tx_hash, ordinal) DO UPDATE SET
    block_number = EXCLUDED.block_number,
    block_hash = EXCLUDED.block_hash,
    status = CASE
        WHEN d.status <> 'orphaned' THEN d.status
        WHEN d.transfer IS NOT NULL THEN 'credited'
        ELSE EXCLUDED.status
    END,
    reason = CASE WHEN d.status = 'orphaned' THEN EXCLUDED.reason ELSE d.reason END
WHERE (d.token, d.address, d.customer, d.units) IS NOT DISTINCT FROM
    (EXCLUDED.token, EXCLUDED.address, EXCLUDED.customer, EXCLUDED.units)
RETURNING *

-- uncredited --
SELECT * FROM evens.chain_deposits WHERE rail = $1 AND status = 'found' ORDER BY id LIMIT $2

-- decide --
UPDATE evens.chain_deposits SET status = $2, reason = $3, transfer = $4 WHERE id = $1 RETURNING *

-- deposit --
SELECT * FROM evens.chain_deposits WHERE rail = $1 AND tx_hash = $2 AND ordinal = $3

-- deposits --
-- With the conditions that are asked for, and no others: each of them has its index then.
SELECT * FROM evens.chain_deposits WHERE id < $1 {conditions} ORDER BY id DESC LIMIT $2
