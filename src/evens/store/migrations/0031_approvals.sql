-- What one operator proposed and another one decided. It is kept for ever: nothing of it can be deleted, and only the
-- status of a proposal changes.
CREATE TABLE evens.approvals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text NOT NULL,
    target text NOT NULL,          -- what it is about, as the proposer named it; '' for a payment
    request text NOT NULL,         -- the body of what is proposed, in JSON
    command bytea NOT NULL,        -- as the journal encodes it
    basis text,                    -- what must not have changed when it is booked
    preview text NOT NULL,         -- what it would have done when it was proposed, in JSON
    reason text NOT NULL,
    scope text NOT NULL,           -- who proposed it, with the name and the key at that time
    name text NOT NULL,
    key_id text,
    request_key text,              -- the Idempotency-Key
    status text NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'approved', 'booked', 'refused', 'rejected', 'withdrawn', 'expired')
    ),
    proposed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX approvals_by_status ON evens.approvals (status, id);
CREATE INDEX approvals_by_target ON evens.approvals (what, target, id);
CREATE INDEX approvals_by_scope ON evens.approvals (scope, id);
CREATE UNIQUE INDEX approvals_by_key ON evens.approvals (scope, request_key) WHERE request_key IS NOT NULL;

CREATE TABLE evens.approval_decisions (
    approval bigint PRIMARY KEY REFERENCES evens.approvals,
    decision text NOT NULL CHECK (decision IN ('approved', 'rejected', 'withdrawn')),
    scope text NOT NULL,
    name text NOT NULL,
    key_id text,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE evens.approval_outcomes (
    approval bigint PRIMARY KEY REFERENCES evens.approvals,
    seq bigint,                    -- the record of the journal; NULL if it did not come so far, or is none
    code text,                     -- why it was refused
    detail text,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX approval_outcomes_by_seq ON evens.approval_outcomes (seq) WHERE seq IS NOT NULL;

GRANT SELECT, INSERT ON evens.approvals, evens.approval_decisions, evens.approval_outcomes TO evens_app;
GRANT UPDATE (status) ON evens.approvals TO evens_app;
