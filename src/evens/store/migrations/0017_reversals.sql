-- Reversals: which transfer took which one back; and what statements by value date are read through.

CREATE TABLE evens.reversals (
    reversal bigint PRIMARY KEY,   -- the transfer that moved the money back
    transfer bigint NOT NULL UNIQUE -- the transfer that was taken back
);

CREATE TRIGGER reversals_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evens.reversals
    FOR EACH STATEMENT EXECUTE FUNCTION evens.refuse_change();

CREATE FUNCTION evens.reverse_transfers(reversed_by bigint[], transfers bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.reversals (reversal, transfer) SELECT * FROM unnest(reversed_by, transfers)
$$;

-- A transfer that takes effect when it is recorded is found in order by its id; these have the others in order.
CREATE INDEX transfers_back_dated_by_debit ON evens.transfers (debit, effective_at, id) WHERE effective_at <> id;
CREATE INDEX transfers_back_dated_by_credit ON evens.transfers (credit, effective_at, id) WHERE effective_at <> id;

GRANT SELECT ON evens.reversals TO evens_app;
GRANT EXECUTE ON FUNCTION evens.reverse_transfers TO evens_app;
