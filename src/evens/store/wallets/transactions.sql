-- Transactions: the transfers that touch customers' cash, with their notes, the status of withdrawals and reversals.

-- transaction --
SELECT t.id, t.seq, t.kind, t.debit, t.credit, t.amount, t.debit_after, t.credit_after, t.effective_at,
    n.reference, n.memo, n.destination, w.status, w.rail, undone.transfer AS reverses, undoing.reversal AS reversed_by
FROM evens.transfers AS t
LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
LEFT JOIN evens.withdrawals AS w ON w.id = t.id
LEFT JOIN evens.reversals AS undone ON undone.reversal = t.id
LEFT JOIN evens.reversals AS undoing ON undoing.transfer = t.id
WHERE t.id = $1;

-- customer_transactions --
-- Of one customer: recorded before $3, newest first, or after it, oldest first; in effect from $4 and before $5.
-- `counterparty` is the name of the other customer, where there is one.
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
SELECT t.id, t.seq, t.kind, t.debit, t.credit, t.amount, t.debit_after, t.credit_after, t.effective_at,
    n.reference, n.memo, n.destination, w.status, w.rail, undone.transfer AS reverses, undoing.reversal AS reversed_by,
    other.username AS counterparty
FROM page AS t
LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
LEFT JOIN evens.withdrawals AS w ON w.id = t.id
LEFT JOIN evens.reversals AS undone ON undone.reversal = t.id
LEFT JOIN evens.reversals AS undoing ON undoing.transfer = t.id
LEFT JOIN evens.customers AS other ON t.debit & 15 = 0 AND t.credit & 15 = 0
    AND other.id = CASE WHEN t.debit >> 14 = $1 THEN t.credit ELSE t.debit END >> 14
ORDER BY t.id {direction};

-- customer_statement --
-- The same by value date, of equal ones by recording, from beyond ($8, $3); the customer's balance after each is that
-- at its value date. What takes effect when it is recorded is found by id, the rest through indexes of its own.
--
-- The balance at a row's value date counts everything of that date, so what was recorded later with the same one is
-- taken off again. That is always back-dated: an id is unique.
WITH page AS (
    SELECT b.account, side.*
    FROM evens.balances AS b
    CROSS JOIN LATERAL (
        (SELECT * FROM evens.transfers
            WHERE debit = b.account AND effective_at = id AND id >= $4 AND id < $5
                AND id {beyond}= $8 AND (id, id) {beyond} ($8, $3) AND kind = ANY ($6::smallint[])
            ORDER BY id {direction} LIMIT $7)
        UNION ALL
        (SELECT * FROM evens.transfers
            WHERE credit = b.account AND effective_at = id AND id >= $4 AND id < $5
                AND id {beyond}= $8 AND (id, id) {beyond} ($8, $3) AND kind = ANY ($6::smallint[])
            ORDER BY id {direction} LIMIT $7)
        UNION ALL
        (SELECT * FROM evens.transfers
            WHERE debit = b.account AND effective_at <> id AND effective_at >= $4 AND effective_at < $5
                AND (effective_at, id) {beyond} ($8, $3) AND kind = ANY ($6::smallint[])
            ORDER BY effective_at {direction}, id {direction} LIMIT $7)
        UNION ALL
        (SELECT * FROM evens.transfers
            WHERE credit = b.account AND effective_at <> id AND effective_at >= $4 AND effective_at < $5
                AND (effective_at, id) {beyond} ($8, $3) AND kind = ANY ($6::smallint[])
            ORDER BY effective_at {direction}, id {direction} LIMIT $7)
    ) AS side
    WHERE b.account >= $1::bigint << 14 AND b.account < ($1::bigint + 1) << 14 AND b.account & 15 = 0
        AND ($2::smallint IS NULL OR b.account >> 4 & 1023 = $2)
    ORDER BY side.effective_at {direction}, side.id {direction} LIMIT $7
), dated AS (
    SELECT p.*, evens.balance_at(p.account, p.effective_at)
        + coalesce((SELECT sum(later.amount) FROM evens.transfers AS later
            WHERE later.debit = p.account AND later.effective_at = p.effective_at
                AND later.effective_at <> later.id AND later.id > p.id), 0)
        - coalesce((SELECT sum(later.amount) FROM evens.transfers AS later
            WHERE later.credit = p.account AND later.effective_at = p.effective_at
                AND later.effective_at <> later.id AND later.id > p.id), 0) AS balance
    FROM page AS p
)
SELECT t.id, t.seq, t.kind, t.debit, t.credit, t.amount,
    CASE WHEN t.debit = t.account THEN t.balance::bigint ELSE t.debit_after END AS debit_after,
    CASE WHEN t.credit = t.account THEN t.balance::bigint ELSE t.credit_after END AS credit_after,
    t.effective_at, n.reference, n.memo, n.destination, w.status, w.rail,
    undone.transfer AS reverses, undoing.reversal AS reversed_by,
    other.username AS counterparty
FROM dated AS t
LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
LEFT JOIN evens.withdrawals AS w ON w.id = t.id
LEFT JOIN evens.reversals AS undone ON undone.reversal = t.id
LEFT JOIN evens.reversals AS undoing ON undoing.transfer = t.id
LEFT JOIN evens.customers AS other ON t.debit & 15 = 0 AND t.credit & 15 = 0
    AND other.id = CASE WHEN t.debit >> 14 = $1 THEN t.credit ELSE t.debit END >> 14
ORDER BY t.effective_at {direction}, t.id {direction};

-- withdrawals --
-- Requested ones, newest first.
SELECT t.id, t.seq, t.kind, t.debit, t.credit, t.amount, t.debit_after, t.credit_after, t.effective_at,
    n.reference, n.memo, n.destination, w.status, w.rail, undone.transfer AS reverses, undoing.reversal AS reversed_by
FROM evens.withdrawals AS w
JOIN evens.transfers AS t ON t.id = w.id
LEFT JOIN evens.transfer_notes AS n ON n.transfer = w.id
LEFT JOIN evens.reversals AS undone ON undone.reversal = t.id
LEFT JOIN evens.reversals AS undoing ON undoing.transfer = t.id
WHERE w.id < $1 AND ($2::text IS NULL OR w.status = $2)
ORDER BY w.id DESC LIMIT $3;
