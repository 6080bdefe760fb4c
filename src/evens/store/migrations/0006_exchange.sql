-- The exchange's projection: markets, orders, matches, positions, and what was booked for whom.

ALTER TABLE evens.customers ADD COLUMN commission_discount_bps integer NOT NULL DEFAULT 0;

CREATE TABLE evens.markets (
    id bigint PRIMARY KEY,         -- the seq of the record that created the market
    currency_number smallint NOT NULL,
    terms jsonb NOT NULL,          -- what was promised from the first moment on
    created_at bigint NOT NULL,
    status smallint NOT NULL DEFAULT 1,
    stage smallint NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    turned_at bigint,
    settled_at bigint,
    removals integer[] NOT NULL DEFAULT '{}', -- runner and reduction in basis points, one pair after the other
    removed_up_to bigint NOT NULL DEFAULT 0,
    settlement integer NOT NULL DEFAULT 0,
    shares integer[] NOT NULL DEFAULT '{}',   -- runner and share of a win, one pair after the other
    parts integer NOT NULL DEFAULT 0,
    archived boolean NOT NULL DEFAULT false
);
CREATE INDEX markets_by_status ON evens.markets (status, id);
CREATE INDEX markets_live ON evens.markets (id) WHERE NOT archived;
CREATE INDEX markets_by_event ON evens.markets ((terms ->> 'event'), id);

-- ``open`` stands for ``remaining > 0``; the indexes use it because it changes once, so that most updates change none.
CREATE TABLE evens.orders (
    id bigint PRIMARY KEY,         -- the seq of the record that placed the order
    market bigint NOT NULL,
    runner smallint NOT NULL,
    customer bigint NOT NULL,
    side smallint NOT NULL,
    odds integer NOT NULL,
    stake bigint NOT NULL,
    remaining bigint NOT NULL,
    matched bigint NOT NULL DEFAULT 0,
    matched_value bigint NOT NULL DEFAULT 0, -- the sum of matched stakes times odds
    cancelled bigint NOT NULL DEFAULT 0,
    lapsed bigint NOT NULL DEFAULT 0,
    persistence smallint NOT NULL,
    time_in_force smallint NOT NULL,
    min_fill bigint NOT NULL,
    due_at bigint,
    placed_at bigint NOT NULL,
    client_ref text,
    open boolean NOT NULL DEFAULT true,
    CHECK (remaining >= 0 AND remaining = stake - matched - cancelled - lapsed),
    CHECK (open = (remaining > 0))
) WITH (fillfactor = 80);
CREATE INDEX orders_by_customer ON evens.orders (customer, id);
CREATE INDEX orders_waiting ON evens.orders (market, id) WHERE open;

CREATE TABLE evens.matches (
    id bigint PRIMARY KEY,         -- when, in nanoseconds since 1970, made unique
    market bigint NOT NULL,
    runner smallint NOT NULL,
    odds integer NOT NULL,
    stake bigint NOT NULL CHECK (stake > 0),
    maker bigint NOT NULL,
    maker_customer bigint NOT NULL,
    taker bigint NOT NULL,
    taker_customer bigint NOT NULL,
    taker_side smallint NOT NULL
);
CREATE INDEX matches_by_market ON evens.matches (market, id);

CREATE TRIGGER matches_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evens.matches
    FOR EACH STATEMENT EXECUTE FUNCTION evens.refuse_change();

CREATE TABLE evens.runner_totals (
    market bigint NOT NULL,
    runner smallint NOT NULL,
    matched bigint NOT NULL,       -- stake of all bets, each counted once
    last_odds integer NOT NULL,
    PRIMARY KEY (market, runner)
) WITH (fillfactor = 50);

-- A customer's bets on a runner: backed less laid stake, and the value (stake times odds) of it, in hundredths.
CREATE TABLE evens.positions (
    market bigint NOT NULL,
    customer bigint NOT NULL,
    runner smallint NOT NULL,
    stake bigint NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (market, customer, runner)
) WITH (fillfactor = 70);
CREATE INDEX positions_by_customer ON evens.positions (customer, market);

CREATE TABLE evens.settlements (
    market bigint NOT NULL,
    settlement integer NOT NULL,   -- counts the results declared for a market
    customer bigint NOT NULL,
    profit bigint NOT NULL,
    commission bigint NOT NULL,
    PRIMARY KEY (market, settlement, customer)
);
CREATE INDEX settlements_by_customer ON evens.settlements (customer, market);

CREATE FUNCTION evens.set_commission_discounts(ids bigint[], discounts integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.customers SET commission_discount_bps = discounts[place] WHERE id = ids[place];
    END LOOP;
END
$$;

CREATE FUNCTION evens.create_markets(ids bigint[], currency_numbers smallint[], all_terms text[], ats bigint[])
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.markets (id, currency_number, terms, created_at)
        SELECT id, currency_number, terms::jsonb, at
        FROM unnest(ids, currency_numbers, all_terms, ats) AS t (id, currency_number, terms, at)
$$;

-- Each change is a JSON object of the columns that change, in the order of the journal. They are few and far between.
CREATE FUNCTION evens.change_markets(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.markets AS m SET (
            status, stage, version, turned_at, settled_at, removals, removed_up_to, settlement, shares, parts, archived
        ) = (
            SELECT r.status, r.stage, r.version, r.turned_at, r.settled_at, r.removals, r.removed_up_to,
                r.settlement, r.shares, r.parts, r.archived
            FROM jsonb_populate_record(m, changes[place]::jsonb) AS r
        ) WHERE m.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'market % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

-- Append pairs to a market's removed runners.
CREATE FUNCTION evens.remove_runners(ids bigint[], runners integer[], reductions integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.markets SET removals = removals || runners[place] || reductions[place] WHERE id = ids[place];
    END LOOP;
END
$$;

CREATE FUNCTION evens.place_orders(
    ids bigint[], markets bigint[], runners smallint[], customers bigint[], sides smallint[], odds integer[],
    stakes bigint[], persistences smallint[], times_in_force smallint[], min_fills bigint[], due_ats bigint[],
    placed_ats bigint[], client_refs text[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.orders (
        id, market, runner, customer, side, odds, stake, remaining, persistence, time_in_force, min_fill, due_at,
        placed_at, client_ref
    )
        SELECT id, market, runner, customer, side, price, stake, stake, persistence, time_in_force, min_fill, due_at,
            placed_at, client_ref
        FROM unnest(
            ids, markets, runners, customers, sides, odds, stakes, persistences, times_in_force, min_fills, due_ats,
            placed_ats, client_refs
        ) AS t (
            id, market, runner, customer, side, price, stake, persistence, time_in_force, min_fill, due_at, placed_at,
            client_ref
        )
$$;

CREATE FUNCTION evens.release_orders(ids bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE evens.orders SET due_at = NULL WHERE id = ANY (ids)
$$;

CREATE FUNCTION evens.post_matches(
    ids bigint[], markets bigint[], runners smallint[], odds integer[], stakes bigint[], makers bigint[],
    maker_customers bigint[], takers bigint[], taker_customers bigint[], taker_sides smallint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.matches (
        id, market, runner, odds, stake, maker, maker_customer, taker, taker_customer, taker_side
    )
        SELECT * FROM unnest(
            ids, markets, runners, odds, stakes, makers, maker_customers, takers, taker_customers, taker_sides
        );
    INSERT INTO evens.runner_totals AS t (market, runner, matched, last_odds)
        SELECT market, runner, sum(stake), (array_agg(price ORDER BY id DESC))[1]
        FROM unnest(ids, markets, runners, odds, stakes) AS m (id, market, runner, price, stake)
        GROUP BY market, runner
    ON CONFLICT (market, runner) DO UPDATE
        SET matched = t.matched + excluded.matched, last_odds = excluded.last_odds
$$;

-- What a batch adds to each order, one row for each order, so that it is written once.
CREATE FUNCTION evens.change_orders(
    ids bigint[], matches bigint[], match_values bigint[], cancels bigint[], lapses bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
-- The plan is made once, when nothing is known of the sizes: find orders by index, always.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE evens.orders AS o SET
        matched = o.matched + c.matched,
        matched_value = o.matched_value + c.value,
        cancelled = o.cancelled + c.cancelled,
        lapsed = o.lapsed + c.lapsed,
        remaining = o.remaining - c.matched - c.cancelled - c.lapsed,
        open = o.remaining > c.matched + c.cancelled + c.lapsed
    FROM unnest(ids, matches, match_values, cancels, lapses) AS c (id, matched, value, cancelled, lapsed)
    WHERE o.id = c.id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(ids) THEN
        RAISE EXCEPTION 'of % orders to change, % are there', cardinality(ids), changed
            USING ERRCODE = 'data_corrupted';
    END IF;
END
$$;

CREATE FUNCTION evens.change_positions(
    markets bigint[], customers bigint[], runners smallint[], stakes bigint[], position_values bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.positions AS p (market, customer, runner, stake, value)
        SELECT * FROM unnest(markets, customers, runners, stakes, position_values)
    ON CONFLICT (market, customer, runner) DO UPDATE
        SET stake = p.stake + excluded.stake, value = p.value + excluded.value
$$;

CREATE FUNCTION evens.settle_positions(
    markets bigint[], settlements integer[], customers bigint[], profits bigint[], commissions bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.settlements (market, settlement, customer, profit, commission)
        SELECT * FROM unnest(markets, settlements, customers, profits, commissions)
$$;

GRANT SELECT ON evens.markets, evens.orders, evens.matches, evens.runner_totals, evens.positions, evens.settlements
    TO evens_app;
GRANT EXECUTE ON FUNCTION evens.set_commission_discounts, evens.create_markets, evens.change_markets,
    evens.remove_runners, evens.place_orders, evens.release_orders, evens.post_matches, evens.change_orders,
    evens.change_positions, evens.settle_positions TO evens_app;
