-- The wallets' projection: customers, and withdrawals with what became of them.

CREATE TABLE evens.customers (
    id bigint PRIMARY KEY,         -- the seq of the record that registered the customer
    username text NOT NULL,
    registered_at bigint NOT NULL,
    frozen boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX customers_by_username ON evens.customers (lower(username));

CREATE TABLE evens.withdrawals (
    id bigint PRIMARY KEY,         -- the transfer that set the money aside
    customer bigint NOT NULL,
    currency_number smallint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'completed', 'rejected'))
);
CREATE INDEX withdrawals_pending ON evens.withdrawals (id) WHERE status = 'pending';

CREATE FUNCTION evens.register_customers(ids bigint[], usernames text[], ats bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.customers (id, username, registered_at) SELECT * FROM unnest(ids, usernames, ats)
$$;

-- In the order of the journal, so that the last of several changes to one customer is the one that stays.
CREATE FUNCTION evens.mark_frozen(ids bigint[], marks boolean[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE evens.customers AS c SET frozen = m.mark
    FROM (
        SELECT DISTINCT ON (id) id, mark FROM unnest(ids, marks) WITH ORDINALITY AS t (id, mark, place)
        ORDER BY id, place DESC
    ) AS m
    WHERE c.id = m.id
$$;

CREATE FUNCTION evens.request_withdrawals(
    ids bigint[], customers bigint[], currency_numbers smallint[], amounts bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.withdrawals (id, customer, currency_number, amount)
        SELECT * FROM unnest(ids, customers, currency_numbers, amounts)
$$;

CREATE FUNCTION evens.close_withdrawals(ids bigint[], statuses text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE evens.withdrawals AS w SET status = c.status
    FROM unnest(ids, statuses) AS c (id, status)
    WHERE w.id = c.id AND w.status = 'pending'
$$;

GRANT SELECT ON evens.customers, evens.withdrawals TO evens_app;
GRANT EXECUTE ON FUNCTION evens.register_customers, evens.mark_frozen, evens.request_withdrawals, evens.close_withdrawals TO evens_app;
