-- Performance fees: what a leader takes of what copies win, as the follower agreed to when the follow began.

ALTER TABLE evens.profiles
    ADD COLUMN performance_fee_bps smallint NOT NULL DEFAULT 0 CHECK (performance_fee_bps BETWEEN 0 AND 5000);

ALTER TABLE evens.follows
    ADD COLUMN performance_fee_bps smallint NOT NULL DEFAULT 0 CHECK (performance_fee_bps BETWEEN 0 AND 5000),
    ADD COLUMN high_water bigint NOT NULL DEFAULT 0, -- the most that settled copies ever won beyond what open ones could lose
    ADD COLUMN fees_paid bigint NOT NULL DEFAULT 0 CHECK (fees_paid >= 0),
    ADD CHECK (fees_paid::numeric * 10000 <= high_water::numeric * performance_fee_bps);
ALTER TABLE evens.follows ALTER COLUMN performance_fee_bps DROP DEFAULT;
DROP INDEX evens.follows_live;
CREATE INDEX follows_live ON evens.follows (id)
    WHERE status <> 3 OR used > 0 OR high_water::numeric * performance_fee_bps >= (fees_paid + 1)::numeric * 10000;
CREATE INDEX follows_owing ON evens.follows (id)
    WHERE high_water::numeric * performance_fee_bps >= (fees_paid + 1)::numeric * 10000;

DROP FUNCTION evens.start_follows(
    bigint[], bigint[], bigint[], smallint[], smallint[], bigint[], bigint[], bigint[], bigint[], bigint[], integer[],
    integer[], text[], smallint[], text[], bigint[]
);
CREATE FUNCTION evens.start_follows(
    ids bigint[], customers bigint[], leaders bigint[], currency_numbers smallint[], modes smallint[], stakes bigint[],
    ratios bigint[], allocations bigint[], bet_caps bigint[], daily_caps bigint[], slippages integer[],
    least_odds integer[], all_products text[], stop_losses smallint[], all_markets text[], ats bigint[], fees smallint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.follows (
        id, customer, leader, currency_number, mode, stake, ratio_ppm, allocation, per_bet_cap, daily_cap,
        max_slippage_ticks, min_odds, products, stop_loss_percent, markets, started_at, performance_fee_bps, active_from
    )
        SELECT r.*, r.started_at FROM unnest(
            ids, customers, leaders, currency_numbers, modes, stakes, ratios, allocations, bet_caps, daily_caps,
            slippages, least_odds, all_products, stop_losses, all_markets, ats, fees
        ) AS r (
            id, customer, leader, currency_number, mode, stake, ratio_ppm, allocation, per_bet_cap, daily_cap,
            max_slippage_ticks, min_odds, products, stop_loss_percent, markets, started_at, performance_fee_bps
        )
$$;

CREATE OR REPLACE FUNCTION evens.change_follows(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.follows AS f SET (
            mode, stake, ratio_ppm, allocation, per_bet_cap, daily_cap, max_slippage_ticks, min_odds, products,
            stop_loss_percent, markets, status, active_from, used, day, day_used, result, stopped, ended_at, high_water,
            fees_paid
        ) = (
            SELECT r.mode, r.stake, r.ratio_ppm, r.allocation, r.per_bet_cap, r.daily_cap, r.max_slippage_ticks,
                r.min_odds, r.products, r.stop_loss_percent, r.markets, r.status, r.active_from, r.used, r.day, r.day_used,
                r.result, r.stopped, r.ended_at, r.high_water, r.fees_paid
            FROM jsonb_populate_record(f, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE f.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'follow % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION evens.start_follows TO evens_app;
