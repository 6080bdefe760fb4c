-- Following: who copies whom on which terms, and what became of each of a leader's bets.

CREATE TABLE evens.follows (
    id bigint PRIMARY KEY,         -- the seq of the record that began it
    customer bigint NOT NULL,
    leader bigint NOT NULL CHECK (leader <> customer),
    currency_number smallint NOT NULL,
    mode smallint NOT NULL,        -- 1 fixed stake, 2 a share of the leader's
    stake bigint,
    ratio_ppm bigint,              -- parts of a million
    allocation bigint NOT NULL,
    per_bet_cap bigint NOT NULL,
    daily_cap bigint NOT NULL,
    max_slippage_ticks integer NOT NULL,
    min_odds integer,
    products text NOT NULL,        -- numbers of products with one blank between them
    stop_loss_percent smallint CHECK (stop_loss_percent BETWEEN 1 AND 99),
    markets text NOT NULL,         -- likewise of markets, fixtures and pools to which copying is limited
    started_at bigint NOT NULL,
    status smallint NOT NULL DEFAULT 1, -- 1 active, 2 paused, 3 ended
    active_from bigint NOT NULL,        -- when it was started or last resumed
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0), -- what open copies risk
    day integer NOT NULL DEFAULT 0,     -- the last day with a copy, counted from 1970, and what was used of its cap
    day_used bigint NOT NULL DEFAULT 0 CHECK (day_used >= 0),
    result bigint NOT NULL DEFAULT 0,   -- what settled copies won or lost
    stopped bigint,                     -- what copies had won or lost, open ones valued, when the stop-loss paused it
    ended_at bigint,
    CHECK ((mode = 1) = (stake IS NOT NULL) AND (mode = 2) = (ratio_ppm IS NOT NULL)),
    CHECK (stopped IS NULL OR status <> 1)
) WITH (fillfactor = 70);
CREATE INDEX follows_of_leader ON evens.follows (leader, id) WHERE status <> 3;
CREATE INDEX follows_by_customer ON evens.follows (customer, id);
CREATE INDEX follows_live ON evens.follows (id) WHERE status <> 3 OR used > 0;
CREATE INDEX follows_to_stop ON evens.follows (id) WHERE status = 1 AND stop_loss_percent IS NOT NULL;

CREATE TABLE evens.copies (
    id bigint PRIMARY KEY,         -- the seq of the record that decided it: also the id of the follower's order or bet
    follow bigint NOT NULL,
    product smallint NOT NULL,     -- 1 exchange, 2 sportsbook, 3 pools
    source bigint NOT NULL,        -- the leader's match or bet
    reason smallint,               -- why it was skipped, and the product's own reason
    refusal text,
    odds integer,
    stake bigint,
    risk bigint,                   -- when it was copied
    at bigint NOT NULL,
    waits boolean NOT NULL,        -- whether its order is still to be matched
    open_risk bigint CHECK (open_risk >= 0),
    result bigint,                 -- what it won or lost; without a value while it is open
    settlements integer NOT NULL DEFAULT 0, -- how often risk and result were booked anew
    CHECK ((reason IS NULL) = (stake IS NOT NULL) AND (stake IS NULL) = (risk IS NULL)),
    CHECK ((risk IS NULL) = (open_risk IS NULL) AND (risk IS NOT NULL OR (result IS NULL AND NOT waits)))
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX copies_of_source ON evens.copies (follow, product, source);
CREATE INDEX copies_of_follow ON evens.copies (follow, id);
CREATE INDEX copies_waiting ON evens.copies (id) WHERE waits;
CREATE INDEX copies_open ON evens.copies (follow, id) WHERE open_risk > 0;

-- Up to which record of the journal bets of leaders are copied, and up to which settled copies are booked; one row.
-- Before the first follow there was nothing to copy.
CREATE TABLE evens.copier_place (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL,
    at bigint NOT NULL,
    settled_seq bigint NOT NULL
);
INSERT INTO evens.copier_place (seq, at, settled_seq) SELECT seq, at, seq FROM evens.head;

CREATE FUNCTION evens.start_follows(
    ids bigint[], customers bigint[], leaders bigint[], currency_numbers smallint[], modes smallint[], stakes bigint[],
    ratios bigint[], allocations bigint[], bet_caps bigint[], daily_caps bigint[], slippages integer[],
    least_odds integer[], all_products text[], stop_losses smallint[], all_markets text[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.follows (
        id, customer, leader, currency_number, mode, stake, ratio_ppm, allocation, per_bet_cap, daily_cap,
        max_slippage_ticks, min_odds, products, stop_loss_percent, markets, started_at, active_from
    )
        SELECT r.*, r.started_at FROM unnest(
            ids, customers, leaders, currency_numbers, modes, stakes, ratios, allocations, bet_caps, daily_caps,
            slippages, least_odds, all_products, stop_losses, all_markets, ats
        ) AS r (
            id, customer, leader, currency_number, mode, stake, ratio_ppm, allocation, per_bet_cap, daily_cap,
            max_slippage_ticks, min_odds, products, stop_loss_percent, markets, started_at
        )
$$;

-- Each change is a JSON object of the columns that change, in the order of the journal.
CREATE FUNCTION evens.change_follows(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.follows AS f SET (
            mode, stake, ratio_ppm, allocation, per_bet_cap, daily_cap, max_slippage_ticks, min_odds, products,
            stop_loss_percent, markets, status, active_from, used, day, day_used, result, stopped, ended_at
        ) = (
            SELECT r.mode, r.stake, r.ratio_ppm, r.allocation, r.per_bet_cap, r.daily_cap, r.max_slippage_ticks,
                r.min_odds, r.products, r.stop_loss_percent, r.markets, r.status, r.active_from, r.used, r.day, r.day_used,
                r.result, r.stopped, r.ended_at
            FROM jsonb_populate_record(f, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE f.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'follow % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION evens.post_copies(
    ids bigint[], all_follows bigint[], products smallint[], sources bigint[], reasons smallint[], refusals text[],
    all_odds integer[], stakes bigint[], risks bigint[], ats bigint[], all_wait boolean[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.copies (id, follow, product, source, reason, refusal, odds, stake, risk, at, waits, open_risk)
        SELECT r.*, r.risk
        FROM unnest(ids, all_follows, products, sources, reasons, refusals, all_odds, stakes, risks, ats, all_wait)
            AS r (id, follow, product, source, reason, refusal, odds, stake, risk, at, waits)
$$;

CREATE FUNCTION evens.settle_copies(ids bigint[], open_risks bigint[], results bigint[], numbers integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.copies
        SET waits = false, open_risk = open_risks[place], result = results[place], settlements = numbers[place]
        WHERE id = ids[place] AND reason IS NULL;
        IF NOT found THEN
            RAISE EXCEPTION 'copy % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

GRANT SELECT ON evens.follows, evens.copies TO evens_app;
GRANT SELECT, UPDATE ON evens.copier_place TO evens_app;
GRANT EXECUTE ON FUNCTION evens.start_follows, evens.change_follows, evens.post_copies, evens.settle_copies TO evens_app;
