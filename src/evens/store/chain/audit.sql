The audit of the chain rail. Each statement returns what is wrong, a line each, the first of them first; nothing is sound.
Journal and ledger were compared before: what they say of transfers and withdrawals is taken as it is.

-- deposits_known_twice --
SELECT format('%s %s is there twice', lower(tx_hash), ordinal) FROM evens.chain_deposits
GROUP BY rail, lower(tx_hash), ordinal HAVING count(*) > 1 LIMIT 1

-- deposits_out_of_shape --
-- An arrival has an amount if it was worth something, a reason if it was not credited, and its transfer if it was.
SELECT format('%s is %s, which does not fit its amount, reason or transfer', id, status) FROM evens.chain_deposits
WHERE NOT CASE status
        WHEN 'found' THEN amount > 0 AND transfer IS NULL AND reason IS NULL
        WHEN 'credited' THEN amount > 0 AND transfer IS NOT NULL AND reason IS NULL
        WHEN 'refused' THEN amount > 0 AND transfer IS NULL AND reason IS NOT NULL
        WHEN 'ignored' THEN amount IS NULL AND transfer IS NULL AND reason IS NOT NULL
        WHEN 'orphaned' THEN (amount IS NULL OR amount > 0) AND (transfer IS NULL OR amount IS NOT NULL)
        ELSE false
    END IS TRUE
    OR units < 0 OR dust < 0 OR dust > units OR lower(tx_hash) <> tx_hash
    OR (token IS NULL AND block_hash <> '') <> (ordinal = -1)
ORDER BY id LIMIT 1

-- deposits_otherwise_in_the_ledger --
-- An account is holder << 14 | currency << 4 | class; the chain's holder is -3, outside money is class 15, cash class 0.
SELECT format('%s says that transfer %s credited %s to customer %s; the ledger does not', d.id, d.transfer, d.amount, d.customer)
FROM evens.chain_deposits AS d
LEFT JOIN evens.transfers AS t ON t.id = d.transfer
LEFT JOIN evens.transfer_notes AS n ON n.transfer = d.transfer
WHERE d.transfer IS NOT NULL AND (
    t.kind = {deposit} AND t.amount = d.amount AND n.reference = d.tx_hash
    AND t.debit >> 14 = -3 AND t.debit & 15 = 15
    AND t.credit = (d.customer << 14) | (t.debit & 16368)
) IS NOT TRUE
ORDER BY d.id LIMIT 1

-- transfers_credited_twice --
SELECT format('transfer %s credited more than one arrival', transfer) FROM evens.chain_deposits
WHERE transfer IS NOT NULL GROUP BY transfer HAVING count(*) > 1 LIMIT 1

-- transfers_without_an_arrival --
-- One that was booked and is not recorded here yet belongs to an arrival that is still to be credited.
SELECT format('transfer %s came in over the chain, and nothing arrived for it', min(t.id))
FROM evens.transfers AS t
JOIN evens.transfer_notes AS n ON n.transfer = t.id
WHERE t.kind = {deposit} AND t.debit >= (-3::bigint) << 14 AND t.debit < (-2::bigint) << 14
    AND NOT EXISTS (SELECT FROM evens.chain_deposits AS d WHERE d.transfer = t.id)
GROUP BY n.reference, t.credit, t.amount
HAVING count(*) > (
    SELECT count(*) FROM evens.chain_deposits AS d
    WHERE d.tx_hash = n.reference AND d.customer = t.credit >> 14 AND d.amount = t.amount AND d.transfer IS NULL
        AND d.status IN ('found', 'orphaned')
)
LIMIT 1

-- deposits_at_strange_addresses --
SELECT format('%s arrived at %s, which is not customer %s''s address', d.id, d.address, d.customer)
FROM evens.chain_deposits AS d
LEFT JOIN evens.chain_addresses AS a ON a.rail = d.rail AND a.customer = d.customer
WHERE d.block_hash <> '' AND lower(a.address) IS DISTINCT FROM lower(d.address)
ORDER BY d.id LIMIT 1

-- addresses_known_twice --
SELECT format('%s is the address of more than one customer', lower(address)) FROM evens.chain_addresses
GROUP BY rail, lower(address) HAVING count(*) > 1 LIMIT 1

-- cursors_with_gaps --
SELECT format('%s was read with gaps, or blocks twice', rail) FROM evens.chain_cursors
GROUP BY rail HAVING count(*) <> max(number) - min(number) + 1 OR count(DISTINCT hash) <> count(*) LIMIT 1

-- cursors_behind_deposits --
-- What is not orphaned lies in a block that was read, and in the very one that is remembered.
SELECT format('%s arrived in block %s, which %s did not read so', d.id, d.block_number, d.rail)
FROM evens.chain_deposits AS d
LEFT JOIN (SELECT rail, min(number) AS first, max(number) AS last FROM evens.chain_cursors GROUP BY rail) AS c
    ON c.rail = d.rail
LEFT JOIN evens.chain_cursors AS b ON b.rail = d.rail AND b.number = d.block_number
WHERE d.block_hash <> '' AND d.status <> 'orphaned' AND (
    d.block_number <= c.last AND (d.block_number < c.first OR b.hash = d.block_hash)
) IS NOT TRUE
ORDER BY d.id LIMIT 1

-- withdrawals_otherwise_in_the_ledger --
SELECT format('%s pays %s to %s for customer %s; the ledger does not', c.id, c.amount, c.destination, c.customer)
FROM evens.chain_withdrawals AS c
LEFT JOIN evens.withdrawals AS w ON w.id = c.id
LEFT JOIN evens.transfer_notes AS n ON n.transfer = c.id
WHERE (w.customer = c.customer AND w.amount = c.amount AND n.destination = c.destination) IS NOT TRUE
ORDER BY c.id LIMIT 1

-- withdrawals_otherwise_decided --
-- The ledger may be a step ahead: it is booked before it is recorded here. It is never behind, and never another way.
SELECT format('%s is %s, and in the ledger %s', c.id, c.status, concat_ws(' by rail ', w.status, w.rail))
FROM evens.chain_withdrawals AS c JOIN evens.withdrawals AS w ON w.id = c.id
WHERE NOT CASE c.status
        WHEN 'confirmed' THEN w.rail = -3
        WHEN 'sent' THEN w.status <> 'completed' OR w.rail = -3
        WHEN 'signing' THEN w.status <> 'completed' OR w.rail = -3
        WHEN 'returned' THEN w.status = 'rejected' OR EXISTS (SELECT FROM evens.reversals AS r WHERE r.transfer = c.id)
        WHEN 'rejected' THEN w.status <> 'completed' OR w.rail <> -3
        WHEN 'by_hand' THEN w.status <> 'completed' OR w.rail <> -3
        ELSE true
    END IS TRUE
ORDER BY c.id LIMIT 1

-- withdrawals_without_a_payout --
SELECT format('withdrawal %s left by the chain, and nothing was sent for it', w.id) FROM evens.withdrawals AS w
WHERE w.rail = -3 AND NOT EXISTS (
    SELECT FROM evens.chain_withdrawals AS c
    WHERE c.id = w.id AND (
        c.status IN ('confirmed', 'signing', 'returned') OR EXISTS (SELECT FROM evens.chain_sendings AS s WHERE s.withdrawal = c.id)
    )
)
ORDER BY w.id LIMIT 1

-- withdrawals_out_of_shape --
-- Who approved it stands where it was approved; a payout under way has its account and nonce; one that was mined, where.
SELECT format('%s is %s, which does not fit its other columns', id, status) FROM evens.chain_withdrawals
WHERE (
    CASE status
        WHEN 'waiting' THEN approved_by IS NULL AND nonce IS NULL
        WHEN 'approved' THEN approved_by IS NOT NULL AND nonce IS NULL
        WHEN 'signing' THEN approved_by IS NOT NULL AND nonce IS NULL
        WHEN 'sent' THEN approved_by IS NOT NULL AND nonce IS NOT NULL
        WHEN 'stuck' THEN approved_by IS NOT NULL AND nonce IS NOT NULL AND reason IS NOT NULL
        WHEN 'confirmed' THEN approved_by IS NOT NULL AND tx_hash IS NOT NULL AND block_number IS NOT NULL
        WHEN 'returned' THEN approved_by IS NOT NULL AND reason IS NOT NULL
        WHEN 'rejected' THEN tx_hash IS NULL
        WHEN 'by_hand' THEN tx_hash IS NULL
        ELSE false
    END
    AND (approved_by IS NULL) = (approved_at IS NULL)
    AND (account IS NULL) = (nonce IS NULL)
    AND (tx_hash IS NULL) = (block_number IS NULL)
) IS NOT TRUE
ORDER BY id LIMIT 1

-- withdrawals_without_their_transaction --
-- What is under way was signed under its account and nonce; what was mined is one of those that were signed. A rail
-- without a chain signs nothing.
SELECT format('%s was never signed as it is recorded', c.id) FROM evens.chain_withdrawals AS c
WHERE (
        c.nonce IS NOT NULL AND NOT EXISTS (
            SELECT FROM evens.chain_sendings AS s
            WHERE s.withdrawal = c.id AND s.account = c.account AND s.nonce = c.nonce
        )
    ) OR (
        c.tx_hash IS NOT NULL AND c.block_number <> 0 AND NOT EXISTS (
            SELECT FROM evens.chain_sendings AS s WHERE s.withdrawal = c.id AND s.tx_hash = c.tx_hash
        )
    )
ORDER BY c.id LIMIT 1

-- sendings_to_somebody_else --
-- The signed bytes have the call in them: transfer(address,uint256).
SELECT format('%s does not pay %s', s.tx_hash, c.destination)
FROM evens.chain_sendings AS s LEFT JOIN evens.chain_withdrawals AS c ON c.id = s.withdrawal
WHERE strpos(s.raw, 'a9059cbb' || lpad(lower(substr(c.destination, 3)), 64, '0')) > 0 IS NOT TRUE
ORDER BY s.tx_hash LIMIT 1

-- sendings_of_one_nonce --
SELECT format('nonce %s of %s was given to two payouts', s.nonce, s.account)
FROM evens.chain_sendings AS s JOIN evens.chain_withdrawals AS c ON c.id = s.withdrawal
GROUP BY c.rail, s.account, s.nonce HAVING count(DISTINCT s.withdrawal) > 1 LIMIT 1
