-- The journal: what was asked and what happened, once, in one order, chained by hashes.
--
-- The application's role may look, and may append through the functions below; nobody may change or remove a row.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'evens_app') THEN
        CREATE ROLE evens_app NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'evens_app', 'MEMBER') THEN
        EXECUTE format('GRANT evens_app TO %I', current_user);
    END IF;
END
$$;

GRANT USAGE ON SCHEMA evens TO evens_app;

CREATE TABLE evens.journal (
    seq bigint PRIMARY KEY,
    at bigint NOT NULL,            -- nanoseconds since 1970, UTC; strictly increasing
    command_id uuid NOT NULL UNIQUE,
    hash bytea NOT NULL,           -- SHA-256 of the previous hash, seq, at, command_id and payload
    payload bytea NOT NULL,        -- MessagePack: actor, command, events
    CHECK (seq > 0),
    CHECK (length(hash) = 32)
);

-- One row: who may write (epoch) and where the journal ends. Every append must match it and move it on.
CREATE TABLE evens.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    hash bytea NOT NULL
) WITH (fillfactor = 10);

INSERT INTO evens.head (epoch, seq, at, hash) VALUES (0, 0, 0, sha256(''));

-- Commands that broke the rules, for the operator to look at.
CREATE TABLE evens.quarantine (
    command_id uuid PRIMARY KEY,
    set_aside_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    command text NOT NULL,
    error text NOT NULL
);

CREATE FUNCTION evens.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: what is recorded stays as it is', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evens.journal
    FOR EACH STATEMENT EXECUTE FUNCTION evens.refuse_change();

-- Become the only writer: whoever held an earlier epoch can append no more.
CREATE FUNCTION evens.take_lead(OUT epoch bigint, OUT seq bigint, OUT at bigint, OUT hash bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE evens.head AS h SET epoch = h.epoch + 1 RETURNING h.epoch, h.seq, h.at, h.hash
$$;

CREATE FUNCTION evens.append_journal(
    epoch_held bigint, seq_before bigint, hash_before bytea,
    seqs bigint[], ats bigint[], command_ids uuid[], hashes bytea[], payloads bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    last integer := cardinality(seqs);
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

GRANT SELECT ON evens.journal, evens.head TO evens_app;
GRANT SELECT, INSERT ON evens.quarantine TO evens_app;
GRANT EXECUTE ON FUNCTION evens.take_lead, evens.append_journal TO evens_app;
