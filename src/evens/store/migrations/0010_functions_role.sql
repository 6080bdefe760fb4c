-- The functions that write belong to a role of their own, and name every type with its schema.
--
-- A function with SECURITY DEFINER does what its owner may do. Where its search_path leaves pg_temp out, PostgreSQL looks
-- types up there first, so whoever calls it could put a domain of their own in the place of a type. What the functions
-- set, whom they belong to and who may execute them is put right after every migration, in ../privileges.sql.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'evens_functions') THEN
        CREATE ROLE evens_functions NOLOGIN;
    END IF;
    -- USAGE, because from PostgreSQL 16 on whoever makes a role is a member who may only administer it.
    IF NOT pg_has_role(current_user, 'evens_functions', 'USAGE') THEN
        EXECUTE format('GRANT evens_functions TO %I', current_user);
    END IF;
END
$$;

-- Beyond reading what the application writes itself, and writing what it does not: see ../privileges.sql.
GRANT INSERT, DELETE ON evens.deliveries TO evens_functions;
GRANT DELETE ON evens.outbox TO evens_functions;

CREATE OR REPLACE FUNCTION evens.append_journal(
    epoch_held bigint, seq_before bigint, hash_before bytea,
    seqs bigint[], ats bigint[], command_ids uuid[], hashes bytea[], payloads bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last pg_catalog.int4 := cardinality(seqs);
BEGIN
    UPDATE evens.head AS h SET seq = seqs[last], at = ats[last], hash = hashes[last]
        WHERE h.epoch = epoch_held AND h.seq = seq_before AND h.hash = hash_before AND h.at < ats[1];
    IF NOT found THEN
        RAISE EXCEPTION 'the journal has moved on: epoch % no longer writes after seq %', epoch_held, seq_before
            USING ERRCODE = 'serialization_failure';
    END IF;
    IF seqs[1] <> seq_before + 1 OR seqs[last] <> seq_before + last THEN
        RAISE EXCEPTION 'seq % to % do not follow %', seqs[1], seqs[last], seq_before;
    END IF;
    INSERT INTO evens.journal (seq, at, command_id, hash, payload)
        SELECT * FROM unnest(seqs, ats, command_ids, hashes, payloads);
END
$$;

CREATE OR REPLACE FUNCTION evens.post_transfers(
    ids bigint[], seqs bigint[], debits bigint[], credits bigint[], amounts bigint[],
    debits_after bigint[], credits_after bigint[], effective_ats bigint[], kinds smallint[],
    accounts bigint[], balances_after bigint[], back_dated boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The plan is made once, when nothing is known of the sizes: find accounts by index and join the rest by hashing, always.
SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
DECLARE
    agreed pg_catalog.int4;
BEGIN
    INSERT INTO evens.transfers (id, seq, debit, credit, amount, debit_after, credit_after, effective_at, kind)
        SELECT * FROM unnest(ids, seqs, debits, credits, amounts, debits_after, credits_after, effective_ats, kinds);
    WITH moved AS MATERIALIZED (
        SELECT account, sum(net)::pg_catalog.int8 AS net
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

CREATE OR REPLACE FUNCTION evens.create_markets(
    ids bigint[], currency_numbers smallint[], all_terms text[], ats bigint[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO evens.markets (id, currency_number, terms, created_at)
        SELECT id, currency_number, terms::pg_catalog.jsonb, at
        FROM unnest(ids, currency_numbers, all_terms, ats) AS t (id, currency_number, terms, at)
$$;

CREATE OR REPLACE FUNCTION evens.change_markets(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.markets AS m SET (
            status, stage, version, turned_at, settled_at, removals, removed_up_to, settlement, shares, parts, archived
        ) = (
            SELECT r.status, r.stage, r.version, r.turned_at, r.settled_at, r.removals, r.removed_up_to,
                r.settlement, r.shares, r.parts, r.archived
            FROM jsonb_populate_record(m, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE m.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'market % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION evens.change_orders(
    ids bigint[], matches bigint[], match_values bigint[], cancels bigint[], lapses bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The plan is made once, when nothing is known of the sizes: find orders by index, always.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    changed pg_catalog.int4;
BEGIN
    UPDATE evens.orders AS o SET
        matched = o.matched + c.matched,
        matched_value = o.matched_value + c.value,
        cancelled = o.cancelled + c.cancelled,
        lapsed = o.lapsed + c.lapsed,
        remaining = o.remaining - c.matched - c.cancelled - c.lapsed,
        open = o.remaining > c.matched + c.cancelled + c.lapsed
    FROM unnest(ids, matches, match_values, cancels, lapses) AS c (id, matched, value, cancelled, lapsed)
    WHERE o.id = c.id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(ids) THEN
        RAISE EXCEPTION 'of % orders to change, % are there', cardinality(ids), changed
            USING ERRCODE = 'data_corrupted';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION evens.change_challenges(ids bigint[], changes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR place IN 1 .. cardinality(ids) LOOP
        UPDATE evens.challenges AS c SET (
            status, acceptor, accepted_at, outcome, payable_at, disputed_by, ended_at
        ) = (
            SELECT r.status, r.acceptor, r.accepted_at, r.outcome, r.payable_at, r.disputed_by, r.ended_at
            FROM jsonb_populate_record(c, changes[place]::pg_catalog.jsonb) AS r
        ) WHERE c.id = ids[place];
        IF NOT found THEN
            RAISE EXCEPTION 'challenge % is not there', ids[place] USING ERRCODE = 'data_corrupted';
        END IF;
    END LOOP;
END
$$;
