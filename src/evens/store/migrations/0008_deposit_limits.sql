-- Customers' own deposit limits, and an index with which the deposits of the current month are found at a start.

CREATE TABLE evens.deposit_limits (
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    period smallint NOT NULL,      -- 1 day, 2 week, 3 month
    amount bigint,                 -- the most that may be deposited in a period; NULL is no limit
    later_amount bigint,           -- what it will be from later_at on
    later_at bigint,               -- NULL if it stays as it is
    set_at bigint NOT NULL,        -- when the customer set it
    PRIMARY KEY (customer, currency_number, period)
);

CREATE INDEX transfers_deposits ON evens.transfers (id) WHERE kind = 1;

-- In the order of the journal, so that the last of several changes to one limit is the one that stays.
CREATE FUNCTION evens.set_deposit_limits(
    customers bigint[], currency_numbers smallint[], periods smallint[], amounts bigint[], later_amounts bigint[],
    later_ats bigint[], set_ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.deposit_limits AS l (
        customer, currency_number, period, amount, later_amount, later_at, set_at
    )
        SELECT DISTINCT ON (customer, currency_number, period)
            customer, currency_number, period, amount, later_amount, later_at, set_at
        FROM unnest(customers, currency_numbers, periods, amounts, later_amounts, later_ats, set_ats)
            WITH ORDINALITY AS t (
                customer, currency_number, period, amount, later_amount, later_at, set_at, place
            )
        ORDER BY customer, currency_number, period, place DESC
    ON CONFLICT (customer, currency_number, period) DO UPDATE
        SET amount = excluded.amount, later_amount = excluded.later_amount, later_at = excluded.later_at,
            set_at = excluded.set_at
$$;

GRANT SELECT ON evens.deposit_limits TO evens_app;
GRANT EXECUTE ON FUNCTION evens.set_deposit_limits TO evens_app;
