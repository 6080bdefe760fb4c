The audit of records. Each statement returns what is wrong, a line, the first of it first; nothing is sound. The products'
tables were compared before: what they say is taken as it is. What is due is left out, and so is what the journal has to
say and was not read for the records yet: each statement about outcomes is given those things.

-- read_up_to --
SELECT coalesce(max(seq), 0) FROM evens.record_place

-- outcomes_otherwise_in_markets --
-- Unread are the markets $1, and the tags of the customers $2.
-- A customer with no matches among accounts that belong together, nor in a ring, has what was booked. Whoever has some
-- was reckoned otherwise, and there the market must hold a match that could be left out: between the same two twice, or
-- between accounts with a mark.
SELECT format('market %s has %s for customer %s, and %s was booked', o.thing, o.profit, o.customer, b.net)
FROM evens.outcomes AS o
JOIN evens.markets AS m ON m.id = o.thing AND m.status = 5
CROSS JOIN LATERAL (
    SELECT s.profit - s.commission AS net FROM evens.settlements AS s
    WHERE s.market = o.thing AND s.customer = o.customer ORDER BY s.settlement DESC LIMIT 1
) AS b
WHERE o.product = 1 AND o.profit <> b.net AND o.thing <> ALL ($1::bigint[]) AND o.customer <> ALL ($2::bigint[])
    AND NOT EXISTS (SELECT FROM evens.outcomes_due AS d WHERE d.product = 1 AND d.thing = o.thing)
    AND NOT EXISTS (SELECT FROM evens.customers AS c WHERE c.id = o.customer AND c.tags <> '')
    AND NOT EXISTS (SELECT FROM evens.payment_places AS p WHERE p.customer = o.customer)
    AND NOT EXISTS (SELECT FROM evens.chain_deposits AS d WHERE d.customer = o.customer)
    AND NOT EXISTS (
        SELECT FROM evens.matches AS one
        JOIN evens.matches AS other ON other.market = one.market AND other.runner = one.runner
            AND other.stake = one.stake AND other.id <> one.id AND abs(other.id - one.id) <= 10000000000
        WHERE one.market = o.thing AND o.customer IN (one.maker_customer, one.taker_customer)
    )
ORDER BY o.thing, o.customer LIMIT 1

-- outcomes_otherwise_in_events --
-- Unread are the events $1 with their markets $2.
SELECT format('market %s of event %s has %s for customer %s, and %s was booked', o.part, o.thing, o.profit, o.customer, s.returned - s.staked)
FROM evens.outcomes AS o
JOIN evens.fixture_markets AS m ON m.fixture = o.thing AND m.key = o.part AND m.stage = 0
JOIN evens.singles_settled AS s ON s.fixture = o.thing AND s.market = o.part AND s.settlement = m.settlement
    AND s.customer = o.customer AND s.currency_number = o.currency_number
WHERE o.product = 2 AND o.part <> '' AND o.profit <> s.returned - s.staked
    AND (o.thing, o.part) NOT IN (SELECT * FROM unnest($1::bigint[], $2::text[]))
    AND NOT EXISTS (SELECT FROM evens.outcomes_due AS d WHERE d.product = 2 AND d.thing = o.thing AND d.part = o.part)
ORDER BY o.thing, o.part, o.customer LIMIT 1

-- outcomes_otherwise_of_bets --
-- Unread are the bets $1.
SELECT format('bet %s has %s, and %s was booked', o.thing, o.profit, coalesce(b.returned, b.stake) - b.stake)
FROM evens.outcomes AS o LEFT JOIN evens.bets AS b ON b.id = o.thing
WHERE o.product = 2 AND o.part = '' AND b.ended IS NOT NULL AND o.thing <> ALL ($1::bigint[])
    AND (o.profit, o.customer) IS DISTINCT FROM (coalesce(b.returned, b.stake) - b.stake, b.customer)
    AND NOT EXISTS (SELECT FROM evens.outcomes_due AS d WHERE d.product = 2 AND d.thing = o.thing AND d.part = '')
ORDER BY o.thing LIMIT 1

-- outcomes_otherwise_in_rounds --
-- Unread are the rounds $1.
SELECT format('round %s has %s for customer %s, and %s was booked', o.thing, o.profit, o.customer, s.returned - s.staked)
FROM evens.outcomes AS o
JOIN evens.rounds AS r ON r.id = o.thing AND r.stage = 0
LEFT JOIN evens.stakes_settled AS s ON s.round = o.thing AND s.settlement = r.settlement AND s.customer = o.customer
WHERE o.product = 3 AND o.profit IS DISTINCT FROM s.returned - s.staked AND o.thing <> ALL ($1::bigint[])
    AND NOT EXISTS (SELECT FROM evens.outcomes_due AS d WHERE d.product = 3 AND d.thing = o.thing)
ORDER BY o.thing, o.customer LIMIT 1

-- outcomes_on_another_day --
SELECT format('%s is on day %s', thing, day) FROM evens.outcomes
WHERE day <> settled_at / 86400000000000 ORDER BY thing, part, customer LIMIT 1

-- days_otherwise_than_outcomes --
WITH summed AS (
    SELECT o.customer, o.currency_number, p.product, o.day, sum(o.profit) AS profit, sum(o.turnover) AS turnover,
        sum(o.bets) AS bets, count(*) AS settled, count(*) FILTER (WHERE o.profit > 0) AS won,
        sum(o.closing_value) AS closing_value, sum(o.closing_stake) AS closing_stake
    FROM evens.outcomes AS o CROSS JOIN LATERAL (VALUES (0::smallint), (o.product)) AS p (product)
    WHERE o.counted GROUP BY 1, 2, 3, 4
)
SELECT format('day %s of customer %s is not what its outcomes come to', day, customer)
FROM summed FULL JOIN evens.record_days AS d USING (customer, currency_number, product, day)
WHERE (summed.profit, summed.turnover, summed.bets, summed.settled, summed.won, summed.closing_value, summed.closing_stake)
    IS DISTINCT FROM (d.profit, d.turnover, d.bets, d.settled, d.won, d.closing_value, d.closing_stake)
    AND NOT EXISTS (
        SELECT FROM evens.record_days_due AS t WHERE (t.customer, t.currency_number, t.product, t.day)
            = (customer, currency_number, product, day)
    )
ORDER BY day, customer LIMIT 1

-- figures_otherwise_than_days --
WITH periods AS (
    SELECT d.*, p.period, p.first FROM evens.record_days AS d CROSS JOIN LATERAL (
        VALUES (1::smallint, d.day), (2::smallint, d.day - (d.day + 3) % 7),
            (3::smallint, (date_trunc('month', DATE '1970-01-01' + d.day)::date - DATE '1970-01-01')), (4::smallint, 0)
    ) AS p (period, first)
), summed AS (
    SELECT customer, currency_number, product, period, first AS day, sum(profit) AS profit, sum(turnover) AS turnover,
        sum(bets) AS bets, sum(settled) AS settled, sum(won) AS won
    FROM periods GROUP BY 1, 2, 3, 4, 5
)
SELECT format('period %s from day %s of customer %s is not what its days come to', period, day, customer)
FROM summed FULL JOIN evens.record_figures AS f USING (customer, currency_number, product, period, day)
WHERE (summed.profit, summed.turnover, summed.bets, summed.settled, summed.won)
    IS DISTINCT FROM (f.profit, f.turnover, f.bets, f.settled, f.won)
    AND NOT EXISTS (
        SELECT FROM evens.record_days_due AS t WHERE (t.customer, t.currency_number, t.product)
            = (customer, currency_number, product)
    )
ORDER BY day, customer LIMIT 1
