-- Keeping records: from the journal to what is due, from there to outcomes, to days, and to figures.

-- place --
SELECT p.seq, coalesce((SELECT max(seq) FROM evens.journal_index), 0) AS indexed FROM evens.record_place AS p;

-- records --
SELECT j.seq, j.at, j.command_id, j.payload
FROM evens.journal_index AS i JOIN evens.journal AS j ON j.seq = i.seq
WHERE i.kind = ANY ($1::text[]) AND i.seq > $2 AND i.seq <= $3
ORDER BY i.seq LIMIT $4;

-- read --
UPDATE evens.record_place SET seq = $1, at = coalesce((SELECT j.at FROM evens.journal AS j WHERE j.seq = $1), at);

-- due --
INSERT INTO evens.outcomes_due (product, thing, part, since)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::bigint[])
ON CONFLICT DO NOTHING;

-- tagged --
INSERT INTO evens.outcomes_due (product, thing, part, since)
SELECT DISTINCT 1, market, '', $2::bigint FROM evens.settlements WHERE customer = $1
ON CONFLICT DO NOTHING;

-- paid_to --
-- Only if the place is new to this customer can it lead to somebody else's.
WITH added AS (
    INSERT INTO evens.payment_places (place, customer) VALUES ($2, $1) ON CONFLICT DO NOTHING RETURNING place
)
INSERT INTO evens.outcomes_due (product, thing, part, since)
SELECT DISTINCT 1, mine.market, '', $3::bigint
FROM added
JOIN evens.payment_places AS p ON p.place = added.place AND p.customer <> $1
JOIN evens.settlements AS theirs ON theirs.customer = p.customer
JOIN evens.settlements AS mine ON mine.market = theirs.market AND mine.customer = $1
ON CONFLICT DO NOTHING;

-- next_due --
SELECT product, thing, part, since FROM evens.outcomes_due ORDER BY product, thing, part LIMIT $1;

-- looked_at --
DELETE FROM evens.outcomes_due WHERE product = $1 AND thing = $2 AND part = $3;

-- forget --
DELETE FROM evens.outcomes WHERE product = $1 AND thing = $2 AND part = $3
RETURNING customer, currency_number, day, settled_at;

-- remember --
INSERT INTO evens.outcomes (
    product, thing, part, settled_at, day,
    customer, currency_number, counted, profit, turnover, bets, closing_value, closing_stake
)
SELECT $1::smallint, $2::bigint, $3, $4::bigint, $5::integer, *
FROM unnest(
    $6::bigint[], $7::smallint[], $8::boolean[], $9::bigint[], $10::bigint[], $11::integer[], $12::numeric[], $13::bigint[]
);

-- days_due --
INSERT INTO evens.record_days_due (customer, currency_number, product, day)
SELECT k.customer, k.currency_number, product, k.day
FROM unnest($1::bigint[], $2::smallint[], $3::integer[]) AS k (customer, currency_number, day)
CROSS JOIN unnest(ARRAY[0, $4]::smallint[]) AS product
ON CONFLICT DO NOTHING;

-- next_days --
DELETE FROM evens.record_days_due AS d
USING (
    SELECT DISTINCT customer, currency_number, product FROM evens.record_days_due
    ORDER BY customer, currency_number, product LIMIT $1
) AS following
WHERE d.customer = following.customer AND d.currency_number = following.currency_number AND d.product = following.product
RETURNING d.customer, d.currency_number, d.product, d.day;

-- outcomes --
SELECT k.customer, k.currency_number, k.product, k.day, o.profit, o.turnover, o.bets, o.closing_value, o.closing_stake
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::integer[]) AS k (customer, currency_number, product, day)
JOIN evens.outcomes AS o ON o.customer = k.customer
    AND o.settled_at >= k.day * 86400000000000 AND o.settled_at < (k.day + 1) * 86400000000000
    AND o.currency_number = k.currency_number AND (k.product = 0 OR o.product = k.product) AND o.counted
ORDER BY k.customer, k.currency_number, k.product, k.day, o.settled_at, o.product, o.thing, o.part;

-- forget_days --
DELETE FROM evens.record_days AS d
USING unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::integer[]) AS k (customer, currency_number, product, day)
WHERE d.customer = k.customer AND d.currency_number = k.currency_number AND d.product = k.product AND d.day = k.day;

-- remember_days --
INSERT INTO evens.record_days (
    customer, currency_number, product, day, profit, turnover, bets, settled, won, won_first, won_last, won_longest,
    closing_value, closing_stake
)
SELECT * FROM unnest(
    $1::bigint[], $2::smallint[], $3::smallint[], $4::integer[], $5::bigint[], $6::bigint[], $7::integer[], $8::integer[],
    $9::integer[], $10::integer[], $11::integer[], $12::integer[], $13::numeric[], $14::bigint[]
);

-- days --
SELECT d.customer, d.currency_number, d.product, d.day, d.profit, d.turnover, d.bets, d.settled, d.won, d.won_first,
    d.won_last, d.won_longest, d.closing_value, d.closing_stake
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[]) AS k (customer, currency_number, product)
JOIN evens.record_days AS d
    ON d.customer = k.customer AND d.currency_number = k.currency_number AND d.product = k.product
ORDER BY d.customer, d.currency_number, d.product, d.day;

-- forget_figures --
DELETE FROM evens.record_figures AS f
USING unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::smallint[], $5::integer[])
    AS k (customer, currency_number, product, period, day)
WHERE f.customer = k.customer AND f.currency_number = k.currency_number AND f.product = k.product
    AND f.period = k.period AND f.day = k.day;

-- remember_figures --
INSERT INTO evens.record_figures (
    customer, currency_number, product, period, day, profit, turnover, bets, settled, won, longest_streak, max_drawdown,
    roi_ppm, win_rate_ppm, sharpe, closing_ppm, ranked
)
SELECT * FROM unnest(
    $1::bigint[], $2::smallint[], $3::smallint[], $4::smallint[], $5::integer[], $6::bigint[], $7::bigint[], $8::integer[],
    $9::integer[], $10::integer[], $11::integer[], $12::bigint[], $13::bigint[], $14::integer[], $15::bigint[],
    $16::bigint[], $17::boolean[]
);

-- scales --
SELECT number, scale FROM evens.currencies;

-- no_due --
DELETE FROM evens.outcomes_due;

-- no_outcomes --
DELETE FROM evens.outcomes;

-- no_days_due --
DELETE FROM evens.record_days_due;

-- no_days --
DELETE FROM evens.record_days;

-- no_figures --
DELETE FROM evens.record_figures;

-- no_places --
DELETE FROM evens.payment_places;
