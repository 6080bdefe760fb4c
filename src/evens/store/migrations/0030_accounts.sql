-- What customers keep of their own, for the pages that show it: preferences, favourites, and up to when notifications were
-- read. Nothing of it is money, so it is not in the journal.

CREATE TABLE evens.preferences (
    customer bigint PRIMARY KEY REFERENCES evens.customers,
    chosen jsonb NOT NULL,         -- as it was put
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE evens.favourites (
    customer bigint NOT NULL REFERENCES evens.customers,
    kind text NOT NULL CHECK (kind IN ('market', 'event', 'pool')),
    thing bigint NOT NULL,         -- the id of the market, fixture or pool
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer, kind, thing)
);

CREATE TABLE evens.notifications_read (
    customer bigint PRIMARY KEY REFERENCES evens.customers,
    up_to bigint NOT NULL          -- in nanoseconds since 1970
);

GRANT SELECT, INSERT, UPDATE ON evens.preferences, evens.notifications_read TO evens_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON evens.favourites TO evens_app;

-- What was settled for a customer, by when.
CREATE INDEX singles_settled_by_customer ON evens.singles_settled (customer, settled_at);
CREATE INDEX bets_ended_by_customer ON evens.bets (customer, ended_at) WHERE ended IS NOT NULL;
CREATE INDEX stakes_settled_by_customer ON evens.stakes_settled (customer, settled_at);
