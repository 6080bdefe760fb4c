-- Pari-mutuel pools. A pool is a series of rounds; people bet on a side of a round. What a bet returns follows from the
-- sums of the sides and the result, and is in no column.

CREATE TABLE evens.pools (
    id bigint PRIMARY KEY,         -- the seq of the record that created it
    key text COLLATE "C" NOT NULL UNIQUE,
    currency_number smallint NOT NULL,
    name text NOT NULL,            -- this and what follows holds for rounds to come
    symbol text NOT NULL,
    fee_bps integer NOT NULL,
    min_stake bigint NOT NULL,
    max_stake bigint,
    running text NOT NULL,         -- canonical JSON, committed to byte for byte
    created_at bigint NOT NULL,
    last_code text COLLATE "C" NOT NULL DEFAULT ''
);

CREATE TABLE evens.rounds (
    id bigint PRIMARY KEY,         -- the seq of the record that opened it; the holder of its settlement account
    pool bigint NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,            -- the terms are the pool's at the opening
    symbol text NOT NULL,
    fee_bps integer NOT NULL,
    min_stake bigint NOT NULL,
    max_stake bigint,
    running text NOT NULL,
    opens_at bigint NOT NULL,
    locks_at bigint NOT NULL,
    settles_at bigint NOT NULL,
    status smallint NOT NULL DEFAULT 1,
    stage smallint NOT NULL DEFAULT 0,
    commitment text,
    locked_at bigint,
    settlement integer NOT NULL DEFAULT 0,
    result smallint,
    decided_at bigint,
    fee bigint NOT NULL DEFAULT 0,
    rounding bigint NOT NULL DEFAULT 0,
    archived boolean NOT NULL DEFAULT false,
    UNIQUE (pool, code),
    CHECK ((result IS NULL) = (settlement = 0))
);
CREATE INDEX rounds_by_status ON evens.rounds (pool, status, id);
CREATE INDEX rounds_by_pool ON evens.rounds (pool, id);
CREATE INDEX rounds_live ON evens.rounds (id) WHERE NOT archived;

CREATE TABLE evens.round_sides (
    round bigint NOT NULL,
    side smallint NOT NULL,
    staked bigint NOT NULL CHECK (staked > 0),
    bets bigint NOT NULL,
    PRIMARY KEY (round, side)
) WITH (fillfactor = 50);          -- changed by every batch with a bet in it

CREATE TABLE evens.round_results (
    round bigint NOT NULL,
    settlement integer NOT NULL,
    result smallint NOT NULL,
    evidence text NOT NULL,
    reason text,
    decided_at bigint NOT NULL,
    PRIMARY KEY (round, settlement)
);

CREATE TABLE evens.pool_bets (
    id bigint PRIMARY KEY,         -- the seq of the record that placed it
    customer bigint NOT NULL,
    round bigint NOT NULL,
    side smallint NOT NULL,
    stake bigint NOT NULL CHECK (stake > 0),
    placed_at bigint NOT NULL
);
CREATE INDEX pool_bets_by_customer ON evens.pool_bets (customer, id);
CREATE INDEX pool_bets_by_round ON evens.pool_bets (round, customer, id);
CREATE INDEX pool_bets_in_order ON evens.pool_bets (round, id);

CREATE TABLE evens.stakes_settled (
    round bigint NOT NULL,
    settlement integer NOT NULL,
    customer bigint NOT NULL,
    staked bigint NOT NULL,
    returned bigint NOT NULL,
    settled_at bigint NOT NULL,
    PRIMARY KEY (round, settlement, customer)
);

CREATE FUNCTION evens.create_pools(
    ids bigint[], keys text[], currency_numbers smallint[], names text[], symbols text[], fees integer[],
    min_stakes bigint[], max_stakes bigint[], all_running text[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.pools (
        id, key, currency_number, name, symbol, fee_bps, min_stake, max_stake, running, created_at
    )
        SELECT * FROM unnest(
            ids, keys, currency_numbers, names, symbols, fees, min_stakes, max_stakes, all_running, ats
        )
$$;

-- Each change is a JSON object of the columns that change, in the order of the journal.
CREATE FUNCTION evens.change_pools(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.pools AS p SET (name, symbol, fee_bps, min_stake, max_stake, running, last_code) = (
            SELECT r.name, r.symbol, r.fee_bps, r.min_stake, r.max_stake, r.running, r.last_code
            FROM jsonb_populate_record(p, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE p.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'pool % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION evens.open_rounds(
    ids bigint[], pools bigint[], codes text[], names text[], symbols text[], fees integer[], min_stakes bigint[],
    max_stakes bigint[], all_running text[], opens bigint[], locks bigint[], settles bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.rounds (
        id, pool, code, name, symbol, fee_bps, min_stake, max_stake, running, opens_at, locks_at, settles_at
    )
        SELECT * FROM unnest(
            ids, pools, codes, names, symbols, fees, min_stakes, max_stakes, all_running, opens, locks, settles
        )
$$;

CREATE FUNCTION evens.change_rounds(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.rounds AS t SET (
            status, stage, commitment, locked_at, settlement, result, decided_at, fee, rounding, archived
        ) = (
            SELECT r.status, r.stage, r.commitment, r.locked_at, r.settlement, r.result, r.decided_at, r.fee,
                r.rounding, r.archived
            FROM jsonb_populate_record(t, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE t.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'round % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

-- Adds to a side; each side comes once.
CREATE FUNCTION evens.stake_sides(rounds bigint[], sides smallint[], stakes bigint[], counts bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.round_sides AS s (round, side, staked, bets)
        SELECT * FROM unnest(rounds, sides, stakes, counts)
    ON CONFLICT (round, side) DO UPDATE SET staked = s.staked + excluded.staked, bets = s.bets + excluded.bets
$$;

CREATE FUNCTION evens.decide_rounds(
    rounds bigint[], settlements integer[], results smallint[], evidences text[], reasons text[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.round_results (round, settlement, result, evidence, reason, decided_at)
        SELECT * FROM unnest(rounds, settlements, results, evidences, reasons, ats)
$$;

CREATE FUNCTION evens.place_pool_bets(
    ids bigint[], customers bigint[], rounds bigint[], sides smallint[], stakes bigint[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.pool_bets (id, customer, round, side, stake, placed_at)
        SELECT * FROM unnest(ids, customers, rounds, sides, stakes, ats)
$$;

CREATE FUNCTION evens.settle_stakes(
    rounds bigint[], settlements integer[], customers bigint[], stakes bigint[], returns bigint[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.stakes_settled (round, settlement, customer, staked, returned, settled_at)
        SELECT * FROM unnest(rounds, settlements, customers, stakes, returns, ats)
$$;

GRANT SELECT ON evens.pools, evens.rounds, evens.round_sides, evens.round_results, evens.pool_bets, evens.stakes_settled
    TO evens_app;
GRANT EXECUTE ON FUNCTION evens.create_pools, evens.change_pools, evens.open_rounds, evens.change_rounds,
    evens.stake_sides, evens.decide_rounds, evens.place_pool_bets, evens.settle_stakes TO evens_app;
