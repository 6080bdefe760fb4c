-- What marks a customer, until when a challenge is to be resolved, and where withdrawals went to.

ALTER TABLE evens.customers
    ADD COLUMN excluded_until bigint,            -- until then the customer stays frozen at their own wish
    ADD COLUMN tags text NOT NULL DEFAULT '';    -- sorted words with one blank between them

CREATE INDEX customers_marked ON evens.customers (id) WHERE excluded_until IS NOT NULL OR tags <> '';

-- In the order of the journal, so that the last of several changes to one customer is the one that stays.
CREATE FUNCTION evens.exclude_customers(ids bigint[], untils bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE evens.customers AS c SET excluded_until = m.until
    FROM (
        SELECT DISTINCT ON (id) id, until FROM unnest(ids, untils) WITH ORDINALITY AS t (id, until, place)
        ORDER BY id, place DESC
    ) AS m
    WHERE c.id = m.id
$$;

CREATE FUNCTION evens.tag_customers(ids bigint[], all_tags text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE evens.customers AS c SET tags = m.tags
    FROM (
        SELECT DISTINCT ON (id) id, tags FROM unnest(ids, all_tags) WITH ORDINALITY AS t (id, tags, place)
        ORDER BY id, place DESC
    ) AS m
    WHERE c.id = m.id
$$;

CREATE INDEX transfers_withdrawals ON evens.transfers (debit) WHERE kind = 2;

ALTER TABLE evens.challenges ADD COLUMN resolve_within_ms bigint NOT NULL DEFAULT 0; -- from expires_at on; 0 is for ever

ALTER TABLE evens.challenges ALTER COLUMN resolve_within_ms DROP DEFAULT;

DROP FUNCTION evens.offer_challenges(
    bigint[], bigint[], text[], smallint[], integer[], bigint[], bigint[], smallint[], bigint[], boolean[], bigint[],
    smallint[], bigint[], integer[], bigint[], bigint[]
);
CREATE FUNCTION evens.offer_challenges(
    ids bigint[], customers bigint[], titles text[], sides smallint[], all_odds integer[], stakes bigint[],
    profits bigint[], currency_numbers smallint[], expiries bigint[], publics boolean[], on_markets bigint[],
    on_runners smallint[], resolvers bigint[], fees integer[], dispute_windows bigint[], resolve_windows bigint[],
    ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.challenges (
        id, customer, title, side, odds, stake, profit, currency_number, expires_at, public, market, runner, resolver,
        fee_bps, dispute_window_ms, resolve_within_ms, offered_at
    )
        SELECT * FROM unnest(
            ids, customers, titles, sides, all_odds, stakes, profits, currency_numbers, expiries, publics, on_markets,
            on_runners, resolvers, fees, dispute_windows, resolve_windows, ats
        )
$$;

GRANT EXECUTE ON FUNCTION evens.exclude_customers, evens.tag_customers, evens.offer_challenges TO evens_app;
