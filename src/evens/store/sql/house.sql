-- The house as a whole: what became of a command, and what is held altogether.

-- receipt --
SELECT seq, at, payload FROM evens.journal WHERE command_id = $1;

-- totals --
SELECT (account >> 4 & 1023)::integer AS currency_number, (account & 15)::integer AS account_class, sum(balance) AS total
FROM evens.balances GROUP BY 1, 2 ORDER BY 1, 2;

-- migrations --
SELECT number FROM evens.migrations;
