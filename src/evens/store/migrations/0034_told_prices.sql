-- Closing prices that operators told, for sources of kind manual. Nothing is changed or deleted: of several, the last one counts.
CREATE TABLE evens.told_prices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pool bigint NOT NULL,          -- a word for one pool is none for another
    source text NOT NULL,          -- the name of the source in the terms of pools
    symbol text NOT NULL,
    code text NOT NULL,            -- of the session: a close is the same for every round of it
    price text NOT NULL,           -- a plain decimal above zero
    reason text NOT NULL,          -- public, as part of the evidence
    scope text NOT NULL,           -- who told it, with the name at that time
    name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX told_prices_by_session ON evens.told_prices (pool, symbol, code, source, id);
GRANT SELECT, INSERT ON evens.told_prices TO evens_app;
