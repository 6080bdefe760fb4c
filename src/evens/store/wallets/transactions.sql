-- Transactions: the transfers that touch customers' cash, with their notes and the status of withdrawals.

-- transaction --
SELECT t.id, t.kind, t.debit, t.credit, t.amount, t.debit_after, t.credit_after, t.effective_at,
    n.reference, n.memo, n.destination, w.status
FROM evens.transfers AS t
LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
LEFT JOIN evens.withdrawals AS w ON w.id = t.id
WHERE t.id = $1;

-- customer_transactions --
-- Of one customer: recorded before $3, newest first, or after it, oldest first; in effect from $4 and before $5.
-- A transfer never takes effect after it is recorded, so $4 bounds the walk through the index too. Each account gives
-- at most a page from either side.
WITH page AS (
    SELECT side.*
    FROM evens.balances AS b
    CROSS JOIN LATERAL (
        (SELECT * FROM evens.transfers
            WHERE debit = b.account AND id {beyond} $3 AND id >= $4 AND effective_at >= $4 AND effective_at < $5
                AND kind = ANY ($6::smallint[])
            ORDER BY id {direction} LIMIT $7)
        UNION ALL
        (SELECT * FROM evens.transfers
            WHERE credit = b.account AND id {beyond} $3 AND id >= $4 AND effective_at >= $4 AND effective_at < $5
                AND kind = ANY ($6::smallint[])
            ORDER BY id {direction} LIMIT $7)
    ) AS side
    WHERE b.account >= $1::bigint << 14 AND b.account < ($1::bigint + 1) << 14 AND b.account & 15 = 0
        AND ($2::smallint IS NULL OR b.account >> 4 & 1023 = $2)
    ORDER BY side.id {direction} LIMIT $7
)
SELECT t.id, t.kind, t.debit, t.credit, t.amount, t.debit_after, t.credit_after, t.effective_at,
    n.reference, n.memo, n.destination, w.status
FROM page AS t
LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
LEFT JOIN evens.withdrawals AS w ON w.id = t.id
ORDER BY t.id {direction};

-- withdrawals --
-- Requested ones, newest first.
SELECT t.id, t.kind, t.debit, t.credit, t.amount, t.debit_after, t.credit_after, t.effective_at,
    n.reference, n.memo, n.destination, w.status
FROM evens.withdrawals AS w
JOIN evens.transfers AS t ON t.id = w.id
LEFT JOIN evens.transfer_notes AS n ON n.transfer = w.id
WHERE w.id < $1 AND ($2::text IS NULL OR w.status = $2)
ORDER BY w.id DESC LIMIT $3;
