-- The house as a whole: receipts of commands, and totals of balances.

-- receipts --
SELECT seq, at, command_id, payload FROM evens.journal WHERE command_id = ANY ($1::uuid[]);

-- totals --
-- What the house (holder 0) has in escrow (class 1) for bets counts as its bank (class 8).
SELECT (account >> 4 & 1023)::integer AS currency_number,
    (CASE WHEN account >> 14 = 0 AND account & 15 = 1 THEN 8 ELSE account & 15 END)::integer AS account_class,
    sum(balance) AS total
FROM evens.balances GROUP BY 1, 2 ORDER BY 1, 2;

-- totals_at --
-- With the place in the journal that they are of: one statement sees one state.
SELECT h.seq, (b.account >> 4 & 1023)::integer AS currency_number,
    (CASE WHEN b.account >> 14 = 0 AND b.account & 15 = 1 THEN 8 ELSE b.account & 15 END)::integer AS account_class,
    sum(b.balance) AS total
FROM evens.head AS h LEFT JOIN evens.balances AS b ON true
GROUP BY 1, 2, 3 ORDER BY 2, 3;

-- migrations --
SELECT number FROM evens.migrations;
