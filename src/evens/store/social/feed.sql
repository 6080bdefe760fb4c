-- The feed: what is told of people who show everything and are listed, and are not frozen.

-- big_wins --
-- Outcomes behind a place. The tie orders what was settled in the same moment, in the same way each time.
SELECT o.*, c.username, p.display_name
FROM (
    SELECT *, hashtextextended(concat_ws(' ', product, thing, part, customer), 0) & 4611686018427387903 AS tie
    FROM evens.outcomes
    WHERE currency_number = $1 AND counted AND turnover > 0 AND profit >= 5 * turnover AND profit >= $2
        AND settled_at <= $3
) AS o
JOIN evens.profiles AS p ON p.customer = o.customer AND p.visibility = 'public' AND p.listed
JOIN evens.customers AS c ON c.id = o.customer AND NOT c.frozen
WHERE (o.settled_at, o.tie) < ($3, $4)
ORDER BY o.settled_at DESC, o.tie DESC LIMIT $5

-- challenges --
-- Public challenges that somebody won, if both sides consent, with what was booked last. Not of two who belong together:
-- as on the leaderboard, they have a tag in common, or were paid from or to one place.
SELECT c.id, c.title, c.ended_at, b.username AS backer, q.display_name AS backer_shown, l.username AS layer,
    r.display_name AS layer_shown, s.backer_profit, s.layer_profit, s.fee, c.stake, c.profit
FROM evens.challenges AS c
JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s ON true
JOIN evens.customers AS b ON b.id = CASE c.side WHEN 1 THEN c.customer ELSE c.acceptor END AND NOT b.frozen
JOIN evens.customers AS l ON l.id = CASE c.side WHEN 1 THEN c.acceptor ELSE c.customer END AND NOT l.frozen
JOIN evens.profiles AS q ON q.customer = b.id AND q.visibility = 'public' AND q.listed
JOIN evens.profiles AS r ON r.customer = l.id AND r.visibility = 'public' AND r.listed
WHERE c.status = 5 AND c.public AND c.currency_number = $1 AND (c.ended_at, c.id) < ($2, $3)
    AND greatest(s.backer_profit, s.layer_profit) > 0
    AND NOT string_to_array(b.tags, ' ') && string_to_array(l.tags, ' ')
    AND NOT EXISTS (
        (
            SELECT place FROM evens.payment_places WHERE customer = b.id
            UNION SELECT lower(sender) FROM evens.chain_deposits WHERE customer = b.id AND status = 'credited'
        ) INTERSECT (
            SELECT place FROM evens.payment_places WHERE customer = l.id
            UNION SELECT lower(sender) FROM evens.chain_deposits WHERE customer = l.id AND status = 'credited'
        )
    )
ORDER BY c.ended_at DESC, c.id DESC LIMIT $4;
