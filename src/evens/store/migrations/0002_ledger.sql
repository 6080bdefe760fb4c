-- The ledger's projection: currencies, transfers, and one balance for each account.
--
-- An account id packs holder << 14 | currency number << 4 | class. Classes below 8 are customers'; from 14 on a balance
-- may be negative (it stands for money that is somewhere else).

CREATE TABLE evens.currencies (
    number smallint PRIMARY KEY CHECK (number BETWEEN 1 AND 1023),
    code text NOT NULL UNIQUE,
    scale smallint NOT NULL CHECK (scale BETWEEN 0 AND 12)
);

CREATE TABLE evens.transfers (
    id bigint PRIMARY KEY,         -- when it was recorded: nanoseconds since 1970, UTC
    seq bigint NOT NULL,           -- the journal record it belongs to
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    debit_after bigint NOT NULL,
    credit_after bigint NOT NULL,
    effective_at bigint NOT NULL CHECK (effective_at <= id),
    kind smallint NOT NULL,
    CHECK (debit <> credit),
    CHECK ((debit >> 4) & 1023 = (credit >> 4) & 1023)
);
CREATE INDEX transfers_by_debit ON evens.transfers (debit, id);
CREATE INDEX transfers_by_credit ON evens.transfers (credit, id);

CREATE TRIGGER transfers_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evens.transfers
    FOR EACH STATEMENT EXECUTE FUNCTION evens.refuse_change();

-- What people wrote on a transfer; no row where nobody wrote anything.
CREATE TABLE evens.transfer_notes (
    transfer bigint PRIMARY KEY,
    reference text,
    memo text,
    destination text
);

-- Half of each page stays free, so that an update finds room beside the row and no index has to change.
CREATE TABLE evens.balances (
    account bigint PRIMARY KEY,
    balance bigint NOT NULL,
    CHECK (balance >= 0 OR account & 15 >= 14)
) WITH (fillfactor = 50);

-- Corrections for back-dated transfers on customers' accounts, as sums over ever wider stretches of time.
--
-- A transfer that takes effect before it is recorded adds its amount at effective_at and takes it away again at its id.
-- So the balance as of t is the balance after the last transfer recorded by t, plus all corrections up to t. At level k
-- a bucket spans 256^k nanoseconds; the sum up to any t needs at most 255 buckets of each of the eight levels.
CREATE TABLE evens.effective_sums (
    account bigint NOT NULL,
    level smallint NOT NULL,
    bucket bigint NOT NULL,
    net numeric NOT NULL,
    PRIMARY KEY (account, level, bucket)
) WITH (fillfactor = 70);

CREATE FUNCTION evens.define_currencies(numbers smallint[], codes text[], scales smallint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.currencies (number, code, scale) SELECT * FROM unnest(numbers, codes, scales)
$$;

CREATE FUNCTION evens.correct_effective_sums(
    ids bigint[], debits bigint[], credits bigint[], amounts bigint[], effective_ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.effective_sums AS s (account, level, bucket, net)
    SELECT account, level, moment >> (level * 8), sum(net)
    FROM unnest(ids, debits, credits, amounts, effective_ats) AS t (id, debit, credit, amount, effective_at),
        LATERAL (VALUES
            (debit, effective_at, -amount), (debit, id, amount),
            (credit, effective_at, amount), (credit, id, -amount)
        ) AS c (account, moment, net),
        generate_series(0, 7) AS level
    WHERE effective_at <> id AND account & 15 < 8
    GROUP BY 1, 2, 3
    ON CONFLICT (account, level, bucket) DO UPDATE SET net = s.net + excluded.net
$$;

-- Record transfers and move the balances by what the transfers say, so the books cannot be unbalanced through here.
-- ``accounts`` and ``balances_after`` are what the writer expects to find afterwards; any difference undoes it all.
CREATE FUNCTION evens.post_transfers(
    ids bigint[], seqs bigint[], debits bigint[], credits bigint[], amounts bigint[],
    debits_after bigint[], credits_after bigint[], effective_ats bigint[], kinds smallint[],
    accounts bigint[], balances_after bigint[], back_dated boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
-- The plan is made once, when nothing is known of the sizes: find accounts by index and join the rest by hashing, always.
SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
DECLARE
    agreed integer;
BEGIN
    INSERT INTO evens.transfers (id, seq, debit, credit, amount, debit_after, credit_after, effective_at, kind)
        SELECT * FROM unnest(ids, seqs, debits, credits, amounts, debits_after, credits_after, effective_ats, kinds);
    WITH moved AS MATERIALIZED (
        SELECT account, sum(net)::bigint AS net
        FROM (
            SELECT unnest(debits) AS account, -unnest(amounts) AS net
            UNION ALL
            SELECT unnest(credits), unnest(amounts)
        ) AS side
        GROUP BY account
    ), updated AS (
        UPDATE evens.balances AS b SET balance = b.balance + m.net FROM moved AS m
            WHERE b.account = m.account AND b.account = ANY (accounts)
        RETURNING b.account, b.balance
    ), opened AS (
        INSERT INTO evens.balances (account, balance)
            SELECT account, net FROM moved WHERE account NOT IN (SELECT account FROM updated)
        RETURNING account, balance
    )
    SELECT count(*) INTO agreed
    FROM (SELECT * FROM updated UNION ALL SELECT * FROM opened) AS now
    JOIN unnest(accounts, balances_after) AS expected (account, balance) USING (account, balance);
    IF agreed <> cardinality(accounts) OR agreed <> (SELECT count(DISTINCT a) FROM unnest(debits || credits) AS a) THEN
        RAISE EXCEPTION 'balances differ from what the writer expects after seq %', seqs[cardinality(seqs)]
            USING ERRCODE = 'data_corrupted';
    END IF;
    IF back_dated THEN
        PERFORM evens.correct_effective_sums(ids, debits, credits, amounts, effective_ats);
    END IF;
END
$$;

CREATE FUNCTION evens.post_notes(transfers bigint[], refs text[], memos text[], destinations text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO evens.transfer_notes (transfer, reference, memo, destination)
        SELECT * FROM unnest(transfers, refs, memos, destinations)
$$;

-- The account's balance as of an effective time, inclusive.
CREATE FUNCTION evens.balance_at(account_asked bigint, moment bigint) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT coalesce((
        SELECT after FROM (
            (SELECT id, debit_after AS after FROM evens.transfers
                WHERE debit = account_asked AND id <= moment ORDER BY id DESC LIMIT 1)
            UNION ALL
            (SELECT id, credit_after FROM evens.transfers
                WHERE credit = account_asked AND id <= moment ORDER BY id DESC LIMIT 1)
        ) AS last ORDER BY id DESC LIMIT 1
    ), 0) + coalesce((
        SELECT sum(s.net)
        FROM generate_series(0, 7) AS l (level), evens.effective_sums AS s
        WHERE s.account = account_asked AND s.level = l.level
            AND s.bucket < (moment + 1) >> (l.level * 8)
            AND s.bucket >= CASE WHEN l.level = 7 THEN -128 ELSE ((moment + 1) >> (l.level * 8 + 8)) << 8 END
    ), 0)
$$;

GRANT SELECT ON evens.currencies, evens.transfers, evens.transfer_notes, evens.balances, evens.effective_sums TO evens_app;
GRANT EXECUTE ON FUNCTION evens.define_currencies, evens.post_transfers, evens.post_notes, evens.balance_at TO evens_app;
