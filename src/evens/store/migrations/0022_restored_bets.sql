-- Singles that were given back and came back have a settlement, the first that can book them: few, and looked for in
-- every correction.
CREATE INDEX bets_restored ON evens.bets (fixture, market, customer, currency_number)
    WHERE fixture IS NOT NULL AND ended IS NULL AND settlement > 0;

-- The version of the fixture that was known when an operator decided about a market.
ALTER TABLE evens.fixture_markets ADD COLUMN ruled bigint;

CREATE OR REPLACE FUNCTION evens.change_fixture_markets(fixtures bigint[], keys text[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed pg_catalog.jsonb;
BEGIN
    FOR place IN 1 .. cardinality(fixtures) LOOP
        changed := changes[place]::pg_catalog.jsonb;
        UPDATE evens.fixture_markets AS m SET
            settlement = coalesce((changed ->> 'settlement')::pg_catalog.int4, m.settlement),
            contradicted = CASE -- the same result anew decides no contradiction
                WHEN changed -> 'results' = m.results THEN m.contradicted
                ELSE coalesce((changed ->> 'contradicted')::pg_catalog.bool, m.contradicted)
            END,
            ruled = coalesce((changed ->> 'ruled')::pg_catalog.int8, m.ruled),
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
