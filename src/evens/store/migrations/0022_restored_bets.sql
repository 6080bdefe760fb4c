-- Singles that were given back and came back have a settlement, the first that can book them: few, and looked for in
-- every correction.
CREATE INDEX bets_restored ON evens.bets (fixture, market, customer, currency_number)
    WHERE fixture IS NOT NULL AND ended IS NULL AND settlement > 0;
