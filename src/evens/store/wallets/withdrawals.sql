-- Withdrawals that customers asked for, and how far each has come. What a rail has taken up says so itself.

-- withdrawals --
SELECT w.id, w.customer, w.currency_number, w.amount, w.status, n.reference, n.destination, c.rail, c.status AS payout,
    c.reason, c.tx_hash, c.block_number, c.approved_at,
    (SELECT min(s.sent_at) FROM evens.chain_sendings AS s WHERE s.withdrawal = w.id) AS sent_at
FROM evens.withdrawals AS w
LEFT JOIN evens.transfer_notes AS n ON n.transfer = w.id
LEFT JOIN evens.chain_withdrawals AS c ON c.id = w.id
WHERE w.customer = $1 AND w.id < $2 AND ($3::text IS NULL OR w.status = $3)
ORDER BY w.id DESC LIMIT $4;

-- withdrawal --
SELECT w.id, w.customer, w.currency_number, w.amount, w.status, n.reference, n.destination, c.rail, c.status AS payout,
    c.reason, c.tx_hash, c.block_number, c.approved_at,
    (SELECT min(s.sent_at) FROM evens.chain_sendings AS s WHERE s.withdrawal = w.id) AS sent_at
FROM evens.withdrawals AS w
LEFT JOIN evens.transfer_notes AS n ON n.transfer = w.id
LEFT JOIN evens.chain_withdrawals AS c ON c.id = w.id
WHERE w.id = $1;
