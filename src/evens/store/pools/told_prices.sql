-- tell --
INSERT INTO evens.told_prices (pool, source, symbol, code, price, reason, scope, name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- told --
SELECT price, reason FROM evens.told_prices
WHERE pool = $1 AND source = $2 AND symbol = $3 AND code = $4 ORDER BY id DESC LIMIT 1;
