-- Deposit limits, and gross deposits to hold against them. A deposit has kind 1; its value date is never after its id.
-- Sums are numeric: all deposits of a month can be more than a bigint holds.

-- deposit_limits --
-- One row without a period if the customer never set a limit in this currency; no row if there is no such customer.
SELECT l.period, l.amount, l.later_amount, l.later_at
FROM evens.customers AS c
LEFT JOIN evens.deposit_limits AS l ON l.customer = c.id AND l.currency_number = $2
WHERE c.id = $1 ORDER BY l.period;

-- deposited --
SELECT coalesce(sum(amount), 0) FROM evens.transfers
WHERE credit = $1 AND id >= $2 AND effective_at >= $2 AND kind = 1;

-- last_deposit --
SELECT id FROM evens.transfers WHERE kind = 1 ORDER BY id DESC LIMIT 1;

-- deposited_by_account --
SELECT credit, sum(amount) FROM evens.transfers
WHERE kind = 1 AND id >= $1 AND effective_at >= $1 GROUP BY credit;
