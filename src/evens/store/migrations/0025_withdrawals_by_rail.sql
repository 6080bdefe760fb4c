-- By which rail a requested withdrawal left: who takes it back takes the money from there.

ALTER TABLE evens.withdrawals ADD COLUMN rail smallint; -- NULL: it has not left

-- Until there was a chain rail, all of them left by the desk. What the chain paid out is known to its own table.
UPDATE evens.withdrawals AS w SET rail = CASE
    WHEN EXISTS (SELECT FROM evens.chain_withdrawals AS c WHERE c.id = w.id AND c.status IN ('signing', 'sent', 'confirmed'))
    THEN -3 ELSE -1
END
WHERE w.status = 'completed';

DROP FUNCTION evens.close_withdrawals(bigint[], text[]);

CREATE FUNCTION evens.close_withdrawals(ids bigint[], statuses text[], rails smallint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE evens.withdrawals AS w SET status = c.status, rail = c.rail
    FROM unnest(ids, statuses, rails) AS c (id, status, rail)
    WHERE w.id = c.id AND w.status = 'pending'
$$;

GRANT EXECUTE ON FUNCTION evens.close_withdrawals TO evens_app;

-- Lists of the chain rail: everybody's by status, and those of a customer that show what is worth something.
CREATE INDEX chain_deposits_by_status ON evens.chain_deposits (status, id);
CREATE INDEX chain_deposits_by_customer_and_status ON evens.chain_deposits (customer, status, id);
CREATE INDEX chain_deposits_shown ON evens.chain_deposits (id) WHERE status <> 'ignored';
CREATE INDEX chain_deposits_shown_by_customer ON evens.chain_deposits (customer, id) WHERE status <> 'ignored';
CREATE INDEX chain_withdrawals_by_status ON evens.chain_withdrawals (status, id);
CREATE INDEX chain_withdrawals_by_customer_and_status ON evens.chain_withdrawals (customer, status, id);
