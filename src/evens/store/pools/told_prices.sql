-- tell --
INSERT INTO evens.told_prices (source, symbol, code, price, reason, scope, name) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- told --
SELECT price, reason FROM evens.told_prices
WHERE source = $1 AND symbol = $2 AND code = $3 ORDER BY id DESC LIMIT 1;
