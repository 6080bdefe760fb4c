-- What operators read of a market: everybody's orders and positions in it.

-- market_orders --
-- Behind what the exchange's statement for one order selects from where.
{orders}
WHERE market = $1 AND id < $2
    AND CASE $3::text
        WHEN 'executable' THEN open
        WHEN 'complete' THEN NOT open AND cancelled = 0 AND lapsed = 0
        WHEN 'cancelled' THEN NOT open AND cancelled > 0 AND lapsed = 0
        WHEN 'lapsed' THEN NOT open AND lapsed > 0
        ELSE true
    END
ORDER BY id DESC LIMIT $4;

-- market_positions --
WITH held AS (
    (SELECT DISTINCT customer FROM evens.positions WHERE market = $1 AND customer > $2 ORDER BY customer LIMIT $3)
    UNION
    (SELECT DISTINCT customer FROM evens.orders WHERE market = $1 AND open AND customer > $2 ORDER BY customer LIMIT $3)
    ORDER BY customer LIMIT $3
)
SELECT customer, runner, sum(stake)::bigint AS stake, sum(value)::bigint AS value,
    sum(unmatched_back)::bigint AS unmatched_back, sum(unmatched_liability)::bigint AS unmatched_liability,
    (SELECT max(o.placed_at) FROM evens.orders AS o WHERE o.customer = stands.customer AND o.market = $1) AS placed_at,
    (SELECT c.commission_discount_bps FROM evens.customers AS c WHERE c.id = stands.customer) AS discount_bps
FROM (
    SELECT customer, runner, stake, value, 0::bigint AS unmatched_back, 0::bigint AS unmatched_liability
    FROM evens.positions WHERE market = $1 AND customer IN (SELECT customer FROM held)
    UNION ALL
    SELECT customer, runner, 0, 0, CASE side WHEN 1 THEN remaining ELSE 0 END,
        CASE side WHEN 2 THEN remaining * (odds - 100) ELSE 0 END
    FROM evens.orders WHERE market = $1 AND open AND customer IN (SELECT customer FROM held)
) AS stands
GROUP BY customer, runner ORDER BY customer, runner;

-- market_results --
SELECT DISTINCT ON (customer) customer, profit, commission FROM evens.settlements
WHERE market = $1 AND customer = ANY ($2) ORDER BY customer, settlement DESC;

-- market_stands --
SELECT p.customer, p.runner, p.stake, p.value, c.commission_discount_bps
FROM evens.positions AS p JOIN evens.customers AS c ON c.id = p.customer
WHERE p.market = $1 AND p.customer > $2
ORDER BY p.customer, p.runner LIMIT $3;

-- discounts --
SELECT id, commission_discount_bps FROM evens.customers
WHERE commission_discount_bps > 0 AND id < $1 ORDER BY id DESC LIMIT $2;

-- discount --
SELECT id, commission_discount_bps FROM evens.customers WHERE id = $1;
