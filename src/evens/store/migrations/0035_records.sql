-- Records of settled betting, worked out of the products' tables in the background: each can be emptied and made again
-- (evens.record_place says up to where the journal has been read). And what customers choose to show of themselves.

CREATE TABLE evens.profiles (
    customer bigint PRIMARY KEY REFERENCES evens.customers,
    display_name text,
    bio text,
    visibility text NOT NULL CHECK (visibility IN ('public', 'figures', 'private')),
    listed boolean NOT NULL,       -- on the leaderboard
    copyable boolean NOT NULL,     -- whether others may copy
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Up to which record of the journal outcomes are known; one row.
CREATE TABLE evens.record_place (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL,
    at bigint NOT NULL
);
INSERT INTO evens.record_place (seq, at) VALUES (0, 0);

-- What was settled, or settled otherwise, and is still to be looked at: a market of the exchange, a market of an event, a
-- bet or a round, by the product (1 exchange, 2 sportsbook, 3 pools), its id, and its key within an event.
CREATE TABLE evens.outcomes_due (
    product smallint NOT NULL,
    thing bigint NOT NULL,
    part text COLLATE "C" NOT NULL,
    since bigint NOT NULL,         -- when it became so first
    PRIMARY KEY (product, thing, part)
);

-- Where customers were paid out to, in letters and digits, so that who shares a place can be told.
CREATE TABLE evens.payment_places (
    place text COLLATE "C" NOT NULL,
    customer bigint NOT NULL,
    PRIMARY KEY (place, customer)
);
CREATE INDEX payment_places_by_customer ON evens.payment_places (customer);

CREATE TABLE evens.outcomes (
    product smallint NOT NULL,
    thing bigint NOT NULL,
    part text COLLATE "C" NOT NULL,
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    settled_at bigint NOT NULL,    -- for the first time: a correction changes the record of that day
    day integer NOT NULL,          -- counted from 1970
    counted boolean NOT NULL,      -- not if it was void, or made with oneself
    profit bigint NOT NULL,
    turnover bigint NOT NULL,
    bets integer NOT NULL,
    closing_value numeric NOT NULL,
    closing_stake bigint NOT NULL,
    PRIMARY KEY (product, thing, part, customer, currency_number)
);
CREATE INDEX outcomes_by_customer ON evens.outcomes (customer, settled_at);

-- Days of customers whose outcomes have changed since they were summed up.
CREATE TABLE evens.record_days_due (
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    product smallint NOT NULL,
    day integer NOT NULL,
    PRIMARY KEY (customer, currency_number, product, day)
);

CREATE TABLE evens.record_days (
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    product smallint NOT NULL,     -- 0: all together
    day integer NOT NULL,
    profit bigint NOT NULL,
    turnover bigint NOT NULL,
    bets integer NOT NULL,
    settled integer NOT NULL,
    won integer NOT NULL,
    won_first integer NOT NULL,    -- won in a row at the day's beginning, at its end, at most
    won_last integer NOT NULL,
    won_longest integer NOT NULL,
    closing_value numeric NOT NULL,
    closing_stake bigint NOT NULL,
    PRIMARY KEY (customer, currency_number, product, day)
);

CREATE TABLE evens.record_figures (
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    product smallint NOT NULL,
    period smallint NOT NULL,      -- 1 day, 2 week, 3 month, 4 all time
    day integer NOT NULL,          -- the first of the period
    profit bigint NOT NULL,
    turnover bigint NOT NULL,
    bets integer NOT NULL,
    settled integer NOT NULL,
    won integer NOT NULL,
    longest_streak integer NOT NULL,
    max_drawdown bigint NOT NULL,
    roi_ppm bigint,
    win_rate_ppm integer,
    sharpe bigint,
    closing_ppm bigint,
    ranked boolean NOT NULL,       -- whether there is enough for a rank by a share
    PRIMARY KEY (customer, currency_number, product, period, day)
);
CREATE INDEX record_figures_by_profit
    ON evens.record_figures (product, currency_number, period, day, profit DESC, customer);
CREATE INDEX record_figures_by_roi
    ON evens.record_figures (product, currency_number, period, day, roi_ppm DESC, customer) WHERE ranked;
CREATE INDEX record_figures_by_win_rate
    ON evens.record_figures (product, currency_number, period, day, win_rate_ppm DESC, customer) WHERE ranked;
CREATE INDEX record_figures_by_sharpe
    ON evens.record_figures (product, currency_number, period, day, sharpe DESC, customer)
    WHERE ranked AND sharpe IS NOT NULL;
CREATE INDEX record_figures_by_drawdown
    ON evens.record_figures (product, currency_number, period, day, max_drawdown, customer) WHERE ranked;

GRANT SELECT, INSERT, UPDATE ON evens.profiles, evens.record_place TO evens_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON evens.payment_places, evens.outcomes_due, evens.outcomes, evens.record_days_due, evens.record_days,
    evens.record_figures TO evens_app;
