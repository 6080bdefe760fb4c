-- What customers have to show for something that is settled, from the tables of its product. Each statement returns a row
-- for each of its customers, counted or not.

-- matches --
-- What is needed to tell trades that go in a ring: from who backed to who laid. Customer 0 is the house, which is one side of
-- each bet in a set of cross-matched orders: the incoming order's, where it is the maker, and the legs that follow it. There
-- the other side is whoever has a leg, for the incoming order, and for a leg whoever placed that.
WITH batch AS MATERIALIZED (
    SELECT id, market, runner, stake, taker_side, maker_customer, taker_customer
    FROM evens.matches WHERE market = $1 AND id > $2 ORDER BY id LIMIT $3
), sides AS (
    SELECT m.id, m.runner, m.stake, m.taker_side, m.taker_customer, coalesce(leg.maker_customer, m.maker_customer) AS maker_customer
    FROM batch AS m
    LEFT JOIN LATERAL (
        SELECT DISTINCT each.maker_customer FROM evens.matches AS each
        WHERE m.maker_customer = 0 AND each.market = m.market AND each.id > m.id AND each.taker_customer = 0 AND each.id < coalesce(
            (
                SELECT next.id FROM evens.matches AS next
                WHERE next.market = m.market AND next.id > m.id AND next.taker_customer <> 0 ORDER BY next.id LIMIT 1
            ), 9223372036854775807
        )
    ) AS leg ON true
    WHERE m.taker_customer <> 0
    UNION ALL
    SELECT m.id, m.runner, m.stake, m.taker_side, head.taker_customer, m.maker_customer
    FROM batch AS m
    CROSS JOIN LATERAL (
        SELECT each.taker_customer FROM evens.matches AS each
        WHERE each.market = m.market AND each.id < m.id AND each.taker_customer <> 0 ORDER BY each.id DESC LIMIT 1
    ) AS head
    WHERE m.taker_customer = 0
)
SELECT id, runner, stake,
    CASE taker_side WHEN 1 THEN taker_customer ELSE maker_customer END AS backer,
    CASE taker_side WHEN 1 THEN maker_customer ELSE taker_customer END AS layer
FROM sides ORDER BY id, maker_customer;

-- linked --
-- Matches of a market between customers who belong together: they have a tag in common, or were paid from or to one place.
-- The legs of a set of cross-matched orders follow its incoming order's, where the house is the maker, and all are matched
-- with each other.
WITH parties AS MATERIALIZED (
    SELECT DISTINCT customer FROM evens.settlements WHERE market = $1
), marks AS MATERIALIZED (
    SELECT c.id AS customer, 'tag:' || tag AS mark
    FROM parties AS p JOIN evens.customers AS c ON c.id = p.customer AND c.tags <> ''
    CROSS JOIN LATERAL string_to_table(c.tags, ' ') AS tag
    UNION
    SELECT p.customer, 'place:' || s.place FROM parties AS p JOIN evens.payment_places AS s ON s.customer = p.customer
    UNION
    SELECT p.customer, 'place:' || lower(d.sender)
    FROM parties AS p JOIN evens.chain_deposits AS d ON d.customer = p.customer AND d.status = 'credited'
), pairs AS MATERIALIZED (
    SELECT DISTINCT one.customer AS one, other.customer AS other
    FROM marks AS one JOIN marks AS other ON other.mark = one.mark AND other.customer <> one.customer
), legs AS MATERIALIZED (
    SELECT id, greatest(maker_customer, taker_customer) AS customer,
        max(id) FILTER (WHERE maker_customer = 0) OVER (ORDER BY id) AS head
    FROM evens.matches WHERE market = $1 AND (maker_customer = 0 OR taker_customer = 0)
), of_sets AS MATERIALIZED (
    SELECT DISTINCT head, customer FROM legs WHERE customer IN (SELECT one FROM pairs)
)
SELECT m.id FROM evens.matches AS m JOIN pairs ON pairs.one = m.maker_customer AND pairs.other = m.taker_customer
WHERE m.market = $1
UNION
SELECT l.id FROM legs AS l
JOIN pairs ON pairs.one = l.customer
JOIN of_sets AS s ON s.head = l.head AND s.customer = pairs.other;

-- market --
-- A customer with matches that do not count has the profit that the others make, under the market's result; if a runner
-- was removed, the odds of single bets are not in a table, and the market counts for such a customer only if it cost them.
WITH market AS MATERIALIZED (
    SELECT id, currency_number, status, settlement, parts, shares, removals, turned_at,
        (terms ->> 'commission_bps')::bigint AS commission_bps
    FROM evens.markets WHERE id = $1
), shares AS MATERIALIZED (
    SELECT shares[place] AS runner, shares[place + 1] AS share
    FROM market CROSS JOIN generate_series(1, cardinality(shares), 2) AS place
), closing AS MATERIALIZED (
    SELECT DISTINCT ON (m.runner) m.runner, m.odds::numeric AS odds
    FROM evens.matches AS m CROSS JOIN market AS k
    WHERE m.market = $1 AND (k.turned_at IS NULL OR m.id <= k.turned_at)
    ORDER BY m.runner, m.id DESC
), parties AS MATERIALIZED (
    SELECT m.id, m.runner, m.odds, m.stake, who.customer, who.side, who.placed, m.id = ANY ($2::bigint[]) AS is_own
    FROM evens.matches AS m CROSS JOIN LATERAL (
        VALUES (m.taker_customer, m.taker_side, m.taker), (m.maker_customer, 3 - m.taker_side, m.maker)
    ) AS who (customer, side, placed)
    WHERE m.market = $1
), dealt AS MATERIALIZED (
    SELECT p.customer, bool_or(p.is_own) AS has_own,
        coalesce(sum(CASE p.side WHEN 1 THEN p.stake * 100 ELSE p.stake * (p.odds - 100) END) FILTER (WHERE NOT p.is_own), 0)
            AS turnover_cents,
        count(DISTINCT p.placed) FILTER (WHERE NOT p.is_own) AS bets,
        coalesce(sum(
            (CASE p.side WHEN 1 THEN 1 ELSE -1 END)
            * (p.stake * p.odds * coalesce(s.share, 0) - k.parts::numeric * 100 * p.stake)
        ) FILTER (WHERE NOT p.is_own), 0) AS profit_parts,
        coalesce(sum(trunc(p.stake * 1000000 * (
            CASE p.side WHEN 1 THEN p.odds / c.odds ELSE c.odds / p.odds END - 1
        ))) FILTER (WHERE NOT p.is_own AND (k.turned_at IS NULL OR p.id <= k.turned_at)), 0) AS closing_value,
        coalesce(sum(p.stake) FILTER (WHERE NOT p.is_own AND (k.turned_at IS NULL OR p.id <= k.turned_at)), 0) AS closing_stake
    FROM parties AS p CROSS JOIN market AS k
    LEFT JOIN shares AS s ON s.runner = p.runner
    LEFT JOIN closing AS c ON c.runner = p.runner
    GROUP BY p.customer
), booked AS MATERIALIZED (
    SELECT DISTINCT ON (customer) customer, profit, commission, coalesce(discount_bps, 0) AS discount_bps
    FROM evens.settlements WHERE market = $1 ORDER BY customer, settlement DESC
), profits AS MATERIALIZED (
    SELECT b.customer, d.bets, d.turnover_cents, d.closing_value, d.closing_stake, b.discount_bps,
        CASE
            WHEN NOT d.has_own THEN b.profit
            WHEN cardinality(k.removals) > 0 THEN least(b.profit, 0)
            ELSE floor(d.profit_parts / greatest(k.parts * 100, 1))
        END AS profit,
        CASE WHEN d.has_own THEN NULL ELSE b.commission END AS commission
    FROM booked AS b CROSS JOIN market AS k JOIN dealt AS d ON d.customer = b.customer
)
SELECT p.customer, k.currency_number, k.status = 5 AND k.parts > 0 AND p.bets > 0 AS counted,
    (p.profit - coalesce(
        p.commission,
        floor((2 * greatest(p.profit, 0) * k.commission_bps * (10000 - p.discount_bps) + 100000000) / 200000000)
    ))::bigint AS profit,
    trunc(p.turnover_cents / 100)::bigint AS turnover, p.bets, p.closing_value, p.closing_stake::bigint AS closing_stake
FROM profits AS p CROSS JOIN market AS k;

-- singles --
-- All singles of a customer on a market of an event together. A selection that was void takes its stakes out.
WITH market AS MATERIALIZED (
    SELECT settlement, results FROM evens.fixture_markets WHERE fixture = $1 AND key = $2
), voided AS MATERIALIZED (
    SELECT each ->> 0 AS selection FROM market CROSS JOIN jsonb_array_elements(results) AS each WHERE each ->> 1 = '3'
), staked AS MATERIALIZED (
    SELECT customer, currency_number, sum(stake) AS staked, count(*) AS bets
    FROM evens.bets
    WHERE fixture = $1 AND market = $2 AND ended IS NULL AND selection NOT IN (SELECT selection FROM voided)
    GROUP BY customer, currency_number
), booked AS MATERIALIZED (
    SELECT DISTINCT ON (customer, currency_number) customer, currency_number, settlement, staked, returned
    FROM evens.singles_settled WHERE fixture = $1 AND market = $2
    ORDER BY customer, currency_number, settlement DESC
)
SELECT b.customer, b.currency_number,
    jsonb_array_length(m.results) > 0 AND b.settlement = m.settlement AND s.bets IS NOT NULL AS counted,
    b.returned - b.staked AS profit, coalesce(s.staked, 0)::bigint AS turnover, coalesce(s.bets, 0) AS bets,
    0::numeric AS closing_value, 0::bigint AS closing_stake
FROM booked AS b CROSS JOIN market AS m
LEFT JOIN staked AS s ON s.customer = b.customer AND s.currency_number = b.currency_number;

-- bet --
-- A bet that ended by itself: an accumulator, or a bet that was cashed out. Who has the stake back has bet nothing.
SELECT customer, currency_number, coalesce(ended IN (1, 2), false) AND returned IS DISTINCT FROM stake AND returned IS NOT NULL AS counted,
    coalesce(returned, stake) - stake AS profit, stake AS turnover, 1::bigint AS bets,
    0::numeric AS closing_value, 0::bigint AS closing_stake
FROM evens.bets WHERE id = $1;

-- round --
-- All bets of a customer in a round together. If nobody was on the other side, nobody has bet.
WITH played AS MATERIALIZED (
    SELECT r.settlement, p.currency_number, r.result IN (1, 2) AND (
        SELECT count(*) FROM evens.round_sides AS s WHERE s.round = r.id AND s.staked > 0
    ) = 2 AS counted
    FROM evens.rounds AS r JOIN evens.pools AS p ON p.id = r.pool WHERE r.id = $1
), placed AS MATERIALIZED (
    SELECT customer, count(*) AS bets FROM evens.pool_bets WHERE round = $1 GROUP BY customer
)
SELECT s.customer, r.currency_number, r.counted, s.returned - s.staked AS profit, s.staked AS turnover, b.bets,
    0::numeric AS closing_value, 0::bigint AS closing_stake
FROM played AS r
JOIN evens.stakes_settled AS s ON s.round = $1 AND s.settlement = r.settlement
JOIN placed AS b ON b.customer = s.customer;
