-- The ledger as operators explore it.

-- accounts_of --
-- Every account of these holders.
SELECT b.account, b.balance FROM unnest($1::bigint[]) AS h (holder)
JOIN evens.balances AS b ON b.account >= h.holder << 14 AND b.account < (h.holder + 1) << 14
ORDER BY h.holder, b.account;

-- balance --
SELECT balance FROM evens.balances WHERE account = $1;

-- balance_at --
-- What an account held after everything that was recorded by a moment.
SELECT CASE WHEN t.debit = $1 THEN t.debit_after ELSE t.credit_after END AS balance
FROM (
    (SELECT * FROM evens.transfers WHERE debit = $1 AND id <= $2 ORDER BY id DESC LIMIT 1)
    UNION ALL
    (SELECT * FROM evens.transfers WHERE credit = $1 AND id <= $2 ORDER BY id DESC LIMIT 1)
) AS t ORDER BY t.id DESC LIMIT 1;

-- entries --
SELECT t.*, n.reference, n.memo, n.destination
FROM (
    (SELECT * FROM evens.transfers WHERE debit = $1 AND id {beyond} $2 ORDER BY id {direction} LIMIT $3)
    UNION ALL
    (SELECT * FROM evens.transfers WHERE credit = $1 AND id {beyond} $2 ORDER BY id {direction} LIMIT $3)
) AS t
LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
ORDER BY t.id {direction} LIMIT $3;

-- transfer --
SELECT t.*, n.reference, n.memo, n.destination,
    (SELECT r.transfer FROM evens.reversals AS r WHERE r.reversal = t.id) AS reverses,
    (SELECT r.reversal FROM evens.reversals AS r WHERE r.transfer = t.id) AS reversed_by
FROM evens.transfers AS t LEFT JOIN evens.transfer_notes AS n ON n.transfer = t.id
WHERE t.id = $1;

-- referenced --
-- Payments whose reference begins so, newest last recorded first.
SELECT transfer, reference FROM evens.transfer_notes
WHERE reference >= $1 AND reference LIKE $2 ORDER BY reference LIMIT $3;

-- holders --
-- What the holder of an account is.
SELECT kind, label FROM (
    SELECT 'customer' AS kind, username AS label FROM evens.customers WHERE id = $1
    UNION ALL SELECT 'market', terms ->> 'name' FROM evens.markets WHERE id = $1
    UNION ALL SELECT 'event', title FROM evens.fixtures WHERE id = $1
    UNION ALL SELECT 'round', p.key || '/' || r.code FROM evens.rounds AS r JOIN evens.pools AS p ON p.id = r.pool
        WHERE r.id = $1
    UNION ALL SELECT 'challenge', title FROM evens.challenges WHERE id = $1
) AS found LIMIT 1;
