-- The sportsbook's projection: what providers publish, bets on it, results, and what was booked for whom.
-- Texts that are part of keys sort by their code points, wherever the database is.

CREATE TABLE evens.fixtures (
    id bigint PRIMARY KEY,         -- the seq of the record that published it first
    source text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL, -- its provider's name for it
    version bigint NOT NULL,
    title text NOT NULL,
    sport text,
    competition text,
    starts_at bigint,
    deadline bigint NOT NULL,
    suspended boolean NOT NULL,    -- by the provider
    published_at bigint NOT NULL,
    held boolean NOT NULL DEFAULT false, -- by an operator
    status smallint NOT NULL DEFAULT 1,
    decided_at bigint,             -- when a market was decided last
    archived boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);
CREATE INDEX fixtures_by_key ON evens.fixtures (source, key, id);
CREATE INDEX fixtures_live ON evens.fixtures (id) WHERE NOT archived;
CREATE INDEX fixtures_new ON evens.fixtures (deadline, id) WHERE status = 1 AND NOT archived;

CREATE TABLE evens.fixture_markets (
    fixture bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    winners integer NOT NULL,
    related_group text,
    suspended boolean NOT NULL,
    since bigint NOT NULL,         -- markets of a fixture stand in this order
    stage smallint NOT NULL DEFAULT 0,
    settlement integer NOT NULL DEFAULT 0,
    results jsonb NOT NULL DEFAULT '[]',   -- of that settlement: selection, result, places, tied
    removals jsonb NOT NULL DEFAULT '[]',  -- selection, reduction in basis points, when
    cancelled jsonb NOT NULL DEFAULT '[]', -- since when and until when bets were struck that are void
    contradicted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (fixture, key)
) WITH (fillfactor = 70);

CREATE TABLE evens.selections (
    fixture bigint NOT NULL,
    market text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    odds integer NOT NULL,
    suspended boolean NOT NULL,
    since bigint NOT NULL,         -- selections of a market stand in this order
    PRIMARY KEY (fixture, market, key)
) WITH (fillfactor = 70);

CREATE TABLE evens.market_results (
    fixture bigint NOT NULL,
    market text COLLATE "C" NOT NULL,
    settlement integer NOT NULL,
    results jsonb NOT NULL,        -- none if the one before was taken back
    decided_at bigint NOT NULL,
    PRIMARY KEY (fixture, market, settlement)
);

CREATE TABLE evens.conflicts (
    id bigint PRIMARY KEY,         -- when it was recorded, in nanoseconds, plus its place in the record
    fixture bigint NOT NULL,
    market text COLLATE "C" NOT NULL,
    results jsonb NOT NULL
);
CREATE INDEX conflicts_by_market ON evens.conflicts (fixture, market, id);

-- A single's row changes only if the bet ends by itself. What results make of it is worked out when it is read.
CREATE TABLE evens.bets (
    id bigint PRIMARY KEY,         -- the seq of the record that placed it
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    stake bigint NOT NULL CHECK (stake > 0),
    fixture bigint,                -- of a single; an accumulator's are in bet_legs
    market text COLLATE "C",
    selection text COLLATE "C",
    odds integer,
    reserved bigint NOT NULL,      -- for an accumulator, while it is open
    placed_at bigint NOT NULL,
    ended smallint,
    returned bigint,               -- the stake if NULL
    ended_at bigint,
    settlement integer NOT NULL DEFAULT 0, -- how often an accumulator was settled or reopened
    CHECK ((fixture IS NULL) = (odds IS NULL))
) WITH (fillfactor = 95);
CREATE INDEX bets_by_customer ON evens.bets (customer, id);
CREATE INDEX bets_on_markets ON evens.bets (fixture, market, customer) WHERE fixture IS NOT NULL;
CREATE INDEX bets_accumulated ON evens.bets (id) WHERE fixture IS NULL AND ended IS NULL;

CREATE TABLE evens.bet_legs (
    bet bigint NOT NULL,
    place smallint NOT NULL,
    fixture bigint NOT NULL,
    market text COLLATE "C" NOT NULL,
    selection text COLLATE "C" NOT NULL,
    odds integer NOT NULL,
    PRIMARY KEY (bet, place)
);
CREATE INDEX bet_legs_on_markets ON evens.bet_legs (fixture, market, bet);

CREATE TABLE evens.singles_settled (
    fixture bigint NOT NULL,
    market text COLLATE "C" NOT NULL,
    settlement integer NOT NULL,
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    staked bigint NOT NULL,
    returned bigint NOT NULL,
    settled_at bigint NOT NULL,
    PRIMARY KEY (fixture, market, settlement, customer, currency_number)
);

CREATE TABLE evens.book_limits (
    currency_number smallint PRIMARY KEY,
    min_stake bigint NOT NULL,
    max_stake bigint,
    max_payout bigint,
    max_event_liability bigint,
    cash_out_margin_bps integer NOT NULL
);

CREATE TABLE evens.stake_factors (
    customer bigint PRIMARY KEY,
    percent integer NOT NULL       -- 100 is what everybody has
);

CREATE TABLE evens.line_sources (
    source text COLLATE "C" PRIMARY KEY,
    silent boolean NOT NULL
);

CREATE FUNCTION evens.publish_fixtures(
    ids bigint[], sources text[], keys text[], versions bigint[], titles text[], sports text[], competitions text[],
    starts bigint[], deadlines bigint[], all_suspended boolean[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.fixtures (
        id, source, key, version, title, sport, competition, starts_at, deadline, suspended, published_at
    )
        SELECT * FROM unnest(
            ids, sources, keys, versions, titles, sports, competitions, starts, deadlines, all_suspended, ats
        )
$$;

-- Each change is a JSON object of the columns that change, in the order of the journal.
CREATE FUNCTION evens.change_fixtures(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.fixtures AS f SET (
            version, title, sport, competition, starts_at, deadline, suspended, held, status, decided_at, archived
        ) = (
            SELECT r.version, r.title, r.sport, r.competition, r.starts_at, r.deadline, r.suspended, r.held, r.status,
                r.decided_at, r.archived
            FROM jsonb_populate_record(f, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE f.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'fixture % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

-- In the order of the journal: one batch may publish a market several times. Selections come as a JSON array of key,
-- name, odds and whether they are suspended; one that is no longer named is suspended. What was there keeps its place.
CREATE FUNCTION evens.publish_markets(
    fixtures bigint[], keys text[], names text[], all_winners integer[], related_groups text[],
    all_suspended boolean[], sinces bigint[], all_selections text[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    published pg_catalog.jsonb;
BEGIN
    FOR place IN 1 .. cardinality(fixtures) LOOP
        published := all_selections[place]::pg_catalog.jsonb;
        INSERT INTO evens.fixture_markets AS m (fixture, key, name, winners, related_group, suspended, since) VALUES (
            fixtures[place], keys[place], names[place], all_winners[place], related_groups[place],
            all_suspended[place], sinces[place]
        ) ON CONFLICT (fixture, key) DO UPDATE SET
            name = excluded.name, winners = excluded.winners, related_group = excluded.related_group,
            suspended = excluded.suspended
            WHERE (m.name, m.winners, m.related_group, m.suspended)
                IS DISTINCT FROM (excluded.name, excluded.winners, excluded.related_group, excluded.suspended);
        UPDATE evens.selections AS s SET suspended = true
            WHERE s.fixture = fixtures[place] AND s.market = keys[place] AND NOT s.suspended
                AND s.key <> ALL (SELECT each ->> 0 FROM jsonb_array_elements(published) AS each);
        INSERT INTO evens.selections AS s (fixture, market, key, name, odds, suspended, since)
            SELECT fixtures[place], keys[place], each ->> 0, each ->> 1, (each ->> 2)::pg_catalog.int4,
                (each ->> 3)::pg_catalog.bool, sinces[place] + ordinality
            FROM jsonb_array_elements(published) WITH ORDINALITY AS t (each, ordinality)
            ON CONFLICT (fixture, market, key) DO UPDATE SET
                name = excluded.name, odds = excluded.odds, suspended = excluded.suspended
                WHERE (s.name, s.odds, s.suspended) IS DISTINCT FROM (excluded.name, excluded.odds, excluded.suspended);
    END LOOP;
END
$$;

-- A JSON object of the columns that change, in the order of the journal. Beside columns it may have "removed", an entry
-- to be added to removals; "voided", one to be added to cancelled; "restored", one to be taken out of there. With
-- results, the stage follows from whether there were any before.
CREATE FUNCTION evens.change_fixture_markets(fixtures bigint[], keys text[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed pg_catalog.jsonb;
BEGIN
    FOR place IN 1 .. cardinality(fixtures) LOOP
        changed := changes[place]::pg_catalog.jsonb;
        UPDATE evens.fixture_markets AS m SET
            settlement = coalesce((changed ->> 'settlement')::pg_catalog.int4, m.settlement),
            contradicted = coalesce((changed ->> 'contradicted')::pg_catalog.bool, m.contradicted),
            results = coalesce(changed -> 'results', m.results),
            stage = CASE
                WHEN changed -> 'results' = '[]' THEN 5
                WHEN changed ? 'results' AND m.results <> '[]' THEN 4
                WHEN changed ? 'results' THEN 2
                ELSE coalesce((changed ->> 'stage')::pg_catalog.int2, m.stage)
            END,
            removals = CASE
                WHEN changed ? 'removed' THEN m.removals || jsonb_build_array(changed -> 'removed') ELSE m.removals
            END,
            cancelled = CASE
                WHEN changed ? 'voided' THEN m.cancelled || jsonb_build_array(changed -> 'voided')
                WHEN changed ? 'restored' THEN coalesce((
                    SELECT jsonb_agg(each ORDER BY ordinality)
                    FROM jsonb_array_elements(m.cancelled) WITH ORDINALITY AS t (each, ordinality)
                    WHERE each <> changed -> 'restored'
                ), '[]')
                ELSE m.cancelled
            END
        WHERE m.fixture = fixtures[place] AND m.key = keys[place];
        IF NOT found THEN
            RAISE EXCEPTION 'market % of fixture % is not there', keys[place], fixtures[place]
                USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION evens.decide_markets(
    fixtures bigint[], markets text[], settlements integer[], all_results text[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.market_results (fixture, market, settlement, results, decided_at)
        SELECT fixture, market, settlement, results::pg_catalog.jsonb, at
        FROM unnest(fixtures, markets, settlements, all_results, ats) AS t (fixture, market, settlement, results, at)
$$;

CREATE FUNCTION evens.post_conflicts(
    ids bigint[], fixtures bigint[], markets text[], all_results text[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.conflicts (id, fixture, market, results)
        SELECT id, fixture, market, results::pg_catalog.jsonb
        FROM unnest(ids, fixtures, markets, all_results) AS t (id, fixture, market, results)
$$;

CREATE FUNCTION evens.place_bets(
    ids bigint[], customers bigint[], currency_numbers smallint[], stakes bigint[], fixtures bigint[], markets text[],
    all_selections text[], all_odds integer[], reserves bigint[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.bets (
        id, customer, currency_number, stake, fixture, market, selection, odds, reserved, placed_at
    )
        SELECT * FROM unnest(
            ids, customers, currency_numbers, stakes, fixtures, markets, all_selections, all_odds, reserves, ats
        )
$$;

CREATE FUNCTION evens.place_legs(
    bets bigint[], places smallint[], fixtures bigint[], markets text[], all_selections text[], all_odds integer[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.bet_legs (bet, place, fixture, market, selection, odds)
        SELECT * FROM unnest(bets, places, fixtures, markets, all_selections, all_odds)
$$;

CREATE FUNCTION evens.change_bets(
    ids bigint[], reserves bigint[], ends smallint[], returns bigint[], ended_ats bigint[], settlements integer[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The plan is made once, when nothing is known of the sizes: find bets by index, always.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    changed pg_catalog.int4;
BEGIN
    -- The last of several changes to one bet is the one that stays.
    UPDATE evens.bets AS b SET
        reserved = c.reserved, ended = c.ended, returned = c.returned, ended_at = c.ended_at, settlement = c.settlement
    FROM (
        SELECT DISTINCT ON (id) * FROM unnest(ids, reserves, ends, returns, ended_ats, settlements) WITH ORDINALITY
            AS t (id, reserved, ended, returned, ended_at, settlement, place)
        ORDER BY id, place DESC
    ) AS c
    WHERE b.id = c.id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> (SELECT count(DISTINCT id) FROM unnest(ids) AS id) THEN
        RAISE EXCEPTION 'not all bets to change are there' USING ERRCODE = 'data_corrupted';
    END IF;
END
$$;

CREATE FUNCTION evens.settle_singles(
    fixtures bigint[], markets text[], settlements integer[], customers bigint[], currency_numbers smallint[],
    stakes bigint[], returns bigint[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.singles_settled (
        fixture, market, settlement, customer, currency_number, staked, returned, settled_at
    )
        SELECT * FROM unnest(fixtures, markets, settlements, customers, currency_numbers, stakes, returns, ats)
$$;

-- In the order of the journal, so that the last of several changes is the one that stays.
CREATE FUNCTION evens.set_book_limits(
    currency_numbers smallint[], min_stakes bigint[], max_stakes bigint[], max_payouts bigint[],
    max_event_liabilities bigint[], margins integer[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.book_limits (
        currency_number, min_stake, max_stake, max_payout, max_event_liability, cash_out_margin_bps
    )
        SELECT DISTINCT ON (currency_number)
            currency_number, min_stake, max_stake, max_payout, max_event_liability, margin
        FROM unnest(
            currency_numbers, min_stakes, max_stakes, max_payouts, max_event_liabilities, margins
        ) WITH ORDINALITY AS t (
            currency_number, min_stake, max_stake, max_payout, max_event_liability, margin, place
        )
        ORDER BY currency_number, place DESC
    ON CONFLICT (currency_number) DO UPDATE SET
        min_stake = excluded.min_stake, max_stake = excluded.max_stake, max_payout = excluded.max_payout,
        max_event_liability = excluded.max_event_liability, cash_out_margin_bps = excluded.cash_out_margin_bps
$$;

CREATE FUNCTION evens.set_stake_factors(customers bigint[], percents integer[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.stake_factors (customer, percent)
        SELECT DISTINCT ON (customer) customer, percent
        FROM unnest(customers, percents) WITH ORDINALITY AS t (customer, percent, place)
        ORDER BY customer, place DESC
    ON CONFLICT (customer) DO UPDATE SET percent = excluded.percent
$$;

CREATE FUNCTION evens.hear_sources(sources text[], silences boolean[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.line_sources (source, silent)
        SELECT DISTINCT ON (source) source, silent
        FROM unnest(sources, silences) WITH ORDINALITY AS t (source, silent, place)
        ORDER BY source, place DESC
    ON CONFLICT (source) DO UPDATE SET silent = excluded.silent
$$;

GRANT SELECT ON evens.fixtures, evens.fixture_markets, evens.selections, evens.market_results, evens.conflicts,
    evens.bets, evens.bet_legs, evens.singles_settled, evens.book_limits, evens.stake_factors, evens.line_sources
    TO evens_app;
GRANT EXECUTE ON FUNCTION evens.publish_fixtures, evens.change_fixtures, evens.publish_markets,
    evens.change_fixture_markets, evens.decide_markets, evens.post_conflicts, evens.place_bets, evens.place_legs,
    evens.change_bets, evens.settle_singles, evens.set_book_limits, evens.set_stake_factors, evens.hear_sources
    TO evens_app;
