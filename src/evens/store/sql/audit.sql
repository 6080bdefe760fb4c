-- What the audit reads of the exchange: whole rows of what is over (or all that is left), and which rows there are.

-- markets --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals, removed_up_to,
    settlement, shares, parts, archived
FROM evens.markets WHERE id = ANY ($1::bigint[]) ORDER BY id;

-- orders --
SELECT id, market, runner, customer, side, odds, stake, persistence, time_in_force, min_fill, due_at, placed_at,
    client_ref, remaining, matched, matched_value, cancelled, lapsed, open
FROM evens.orders WHERE id = ANY ($1::bigint[]) ORDER BY id;

-- challenges --
SELECT id, customer, title, side, odds, stake, profit, currency_number, expires_at, public, market, runner, resolver,
    fee_bps, dispute_window_ms, offered_at, status, acceptor, accepted_at, outcome, payable_at, disputed_by, ended_at
FROM evens.challenges WHERE id = ANY ($1::bigint[]) ORDER BY id;

-- runner_totals --
SELECT market, runner, matched, last_odds
FROM evens.runner_totals WHERE market = ANY ($1::bigint[]) ORDER BY market, runner;

-- positions --
SELECT market, customer, runner, stake, value
FROM evens.positions WHERE market = ANY ($1::bigint[]) ORDER BY market, customer, runner;

-- settlements --
SELECT market, settlement, customer, profit, commission
FROM evens.settlements WHERE market = ANY ($1::bigint[]) ORDER BY market, settlement, customer;

-- challenge_settlements --
SELECT challenge, settlement, outcome, backer_profit, layer_profit, fee
FROM evens.challenge_settlements WHERE challenge = ANY ($1::bigint[]) ORDER BY challenge, settlement;

-- made_markets --
SELECT id FROM evens.markets WHERE id > $1 AND id <= $2 ORDER BY id;

-- made_orders --
SELECT id FROM evens.orders WHERE id > $1 AND id <= $2 ORDER BY id;

-- made_challenges --
SELECT id FROM evens.challenges WHERE id > $1 AND id <= $2 ORDER BY id;

-- made_matches --
SELECT id, market, runner, odds, stake, maker, maker_customer, taker, taker_customer, taker_side
FROM evens.matches WHERE id >= $1 AND id < $2 ORDER BY id;

-- stray_runner_totals --
SELECT min(market) FROM evens.runner_totals AS t
WHERE NOT EXISTS (SELECT FROM evens.markets AS m WHERE m.id = t.market);

-- stray_positions --
SELECT min(market) FROM evens.positions AS p
WHERE NOT EXISTS (SELECT FROM evens.markets AS m WHERE m.id = p.market);

-- stray_settlements --
SELECT min(market) FROM evens.settlements AS s
WHERE NOT EXISTS (SELECT FROM evens.markets AS m WHERE m.id = s.market);

-- stray_challenge_settlements --
SELECT min(challenge) FROM evens.challenge_settlements AS s
WHERE NOT EXISTS (SELECT FROM evens.challenges AS c WHERE c.id = s.challenge);
