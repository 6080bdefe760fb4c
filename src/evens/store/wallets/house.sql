-- The house as a whole: receipts of commands, and totals of balances.

-- receipts --
SELECT seq, at, command_id, payload FROM evens.journal WHERE command_id = ANY ($1::uuid[]);

-- totals --
SELECT (account >> 4 & 1023)::integer AS currency_number, (account & 15)::integer AS account_class, sum(balance) AS total
FROM evens.balances GROUP BY 1, 2 ORDER BY 1, 2;

-- totals_at --
-- With the place in the journal that they are of: one statement sees one state.
SELECT h.seq, (b.account >> 4 & 1023)::integer AS currency_number, (b.account & 15)::integer AS account_class,
    sum(b.balance) AS total
FROM evens.head AS h LEFT JOIN evens.balances AS b ON true
GROUP BY 1, 2, 3 ORDER BY 2, 3;

-- migrations --
SELECT number FROM evens.migrations;
