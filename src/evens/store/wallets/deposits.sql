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

-- last_deposits --
-- Accounts without any deposit have no row.
SELECT a.account, d.id
FROM unnest($1::bigint[]) AS a (account)
CROSS JOIN LATERAL (
    SELECT id FROM evens.transfers WHERE kind = 1 AND credit = a.account ORDER BY id DESC LIMIT 1
) AS d;

-- deposited_by_account --
-- For each account the sums since three times of its own: when the day, the week and the month began.
SELECT a.account,
    coalesce(sum(t.amount) FILTER (WHERE t.effective_at >= a.day), 0),
    coalesce(sum(t.amount) FILTER (WHERE t.effective_at >= a.week), 0),
    coalesce(sum(t.amount) FILTER (WHERE t.effective_at >= a.month), 0)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS a (account, day, week, month)
JOIN evens.transfers AS t ON t.kind = 1 AND t.credit = a.account AND t.id >= least(a.week, a.month)
GROUP BY a.account;
