-- What Betfair's Exchange Stream reads when a client subscribes.

-- named_markets --
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE id = ANY ($1) ORDER BY id;

-- unsettled_markets --
-- Those that are not settled, and those that have been settled since a moment.
SELECT id, currency_number, terms, created_at, status, stage, version, turned_at, settled_at, removals,
    removal_log, removed_up_to, was_bps, settlement, shares, parts, archived
FROM evens.markets WHERE NOT archived AND (settled_at IS NULL OR settled_at >= $1) ORDER BY id;
