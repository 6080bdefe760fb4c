-- The challenges' projection: what was offered to whom, where it stands, and what was booked for it.

CREATE TABLE evens.challenges (
    id bigint PRIMARY KEY,         -- the seq of the record that offered it
    customer bigint NOT NULL,
    title text NOT NULL,
    side smallint NOT NULL,        -- the challenger's
    odds integer NOT NULL,
    stake bigint NOT NULL CHECK (stake > 0),   -- the backer's
    profit bigint NOT NULL CHECK (profit > 0), -- what the backer wins and the layer loses
    currency_number smallint NOT NULL,
    expires_at bigint NOT NULL,
    public boolean NOT NULL,
    market bigint,
    runner smallint,
    resolver bigint,
    fee_bps integer NOT NULL,
    dispute_window_ms bigint NOT NULL,
    offered_at bigint NOT NULL,
    status smallint NOT NULL DEFAULT 1,
    acceptor bigint,
    accepted_at bigint,
    outcome smallint,              -- what the resolver said, whatever was booked in the end
    payable_at bigint,
    disputed_by bigint,
    ended_at bigint,               -- when it was cancelled or expired, or booked for the last time
    CHECK ((market IS NULL) = (runner IS NULL) AND (market IS NULL) <> (resolver IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX challenges_live ON evens.challenges (id) WHERE status < 5;
CREATE INDEX challenges_settled_on_markets ON evens.challenges (market, id) WHERE status = 5 AND market IS NOT NULL;
CREATE INDEX challenges_offered_in_public ON evens.challenges (id) WHERE status = 1 AND public;
CREATE INDEX challenges_by_customer ON evens.challenges (customer, id);
CREATE INDEX challenges_by_acceptor ON evens.challenges (acceptor, id) WHERE acceptor IS NOT NULL;
CREATE INDEX challenges_by_resolver ON evens.challenges (resolver, id) WHERE resolver IS NOT NULL;

CREATE TABLE evens.challenge_settlements (
    challenge bigint NOT NULL,
    settlement integer NOT NULL,   -- which of the market's results it follows; 0 if none decided
    outcome smallint NOT NULL,
    backer_profit bigint NOT NULL,
    layer_profit bigint NOT NULL,
    fee bigint NOT NULL,
    PRIMARY KEY (challenge, settlement)
);

CREATE FUNCTION evens.offer_challenges(
    ids bigint[], customers bigint[], titles text[], sides smallint[], all_odds integer[], stakes bigint[],
    profits bigint[], currency_numbers smallint[], expiries bigint[], publics boolean[], on_markets bigint[],
    on_runners smallint[], resolvers bigint[], fees integer[], dispute_windows bigint[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.challenges (
        id, customer, title, side, odds, stake, profit, currency_number, expires_at, public, market, runner, resolver,
        fee_bps, dispute_window_ms, offered_at
    )
        SELECT * FROM unnest(
            ids, customers, titles, sides, all_odds, stakes, profits, currency_numbers, expiries, publics, on_markets,
            on_runners, resolvers, fees, dispute_windows, ats
        )
$$;

-- Each change is a JSON object of the columns that change, in the order of the journal: one batch may offer a challenge,
-- have it accepted and have it resolved.
CREATE FUNCTION evens.change_challenges(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.challenges AS c SET (
            status, acceptor, accepted_at, outcome, payable_at, disputed_by, ended_at
        ) = (
            SELECT r.status, r.acceptor, r.accepted_at, r.outcome, r.payable_at, r.disputed_by, r.ended_at
            FROM jsonb_populate_record(c, changes[place]::jsonb) AS r
        ) WHERE c.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'challenge % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION evens.settle_challenges(
    ids bigint[], market_settlements integer[], outcomes smallint[], backer_profits bigint[], layer_profits bigint[],
    fees bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.challenge_settlements (challenge, settlement, outcome, backer_profit, layer_profit, fee)
        SELECT * FROM unnest(ids, market_settlements, outcomes, backer_profits, layer_profits, fees)
$$;

GRANT SELECT ON evens.challenges, evens.challenge_settlements TO evens_app;
GRANT EXECUTE ON FUNCTION evens.offer_challenges, evens.change_challenges, evens.settle_challenges TO evens_app;
