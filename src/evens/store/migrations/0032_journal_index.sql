-- What leads to records of the journal: their command and actor, and whom and what they are about. It is worked out of
-- the journal in the background, and can be emptied and worked out again at any time.
CREATE TABLE evens.journal_index (
    seq bigint PRIMARY KEY,
    kind text NOT NULL,
    actor text NOT NULL
);
CREATE INDEX journal_index_by_kind ON evens.journal_index (kind, seq);
CREATE INDEX journal_index_by_actor ON evens.journal_index (actor, seq);

-- A subject is a word and a number, such as 'market 42'. Orders, bets and payments are found by their own tables.
CREATE TABLE evens.journal_subjects (
    subject text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (subject, seq)
);

-- References that people gave to payments, to be searched for.
CREATE INDEX transfer_notes_by_reference ON evens.transfer_notes (reference text_pattern_ops) WHERE reference IS NOT NULL;

CREATE TABLE evens.audits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    started_by text NOT NULL,
    ended_at timestamptz,
    seq bigint,                    -- the last record that was replayed, with its hash
    hash bytea,
    transfers bigint,
    accounts bigint,
    problems text[],               -- what is wrong with the books; empty if nothing is
    trouble text                   -- why it did not come to an end
);

GRANT SELECT, INSERT ON evens.journal_index, evens.journal_subjects TO evens_app;
GRANT SELECT, INSERT, UPDATE ON evens.audits TO evens_app;
