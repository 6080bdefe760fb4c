-- The chain rail: addresses that customers pay to, what arrived there, and payouts on their way. The money itself is in the
-- journal; these tables say which transaction of a chain each booking stands for, and can be read again from the chain.

-- The newest blocks that were read, whose hashes tell a reorganisation. The last of a rail is where reading goes on.
CREATE TABLE evens.chain_cursors (
    rail text NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    hash text NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rail, number)
);

CREATE TABLE evens.chain_addresses (
    rail text NOT NULL,
    customer bigint NOT NULL REFERENCES evens.customers,
    address text NOT NULL,         -- as it is shown; compared in lower case
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rail, customer)
);
CREATE UNIQUE INDEX chain_addresses_by_address ON evens.chain_addresses (rail, lower(address));

CREATE TABLE evens.chain_deposits (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rail text NOT NULL,
    tx_hash text NOT NULL,
    ordinal bigint NOT NULL,       -- of the log within its transaction's receipt; -1 for coins sent directly
    block_number bigint NOT NULL,
    block_hash text NOT NULL,
    token text,                    -- NULL for coins
    sender text NOT NULL,
    address text NOT NULL,
    customer bigint NOT NULL REFERENCES evens.customers,
    units numeric NOT NULL,        -- of the token
    amount bigint,                 -- minor units of the rail's currency; NULL if it is none of its money
    dust numeric NOT NULL DEFAULT 0, -- units that make no whole minor unit
    status text NOT NULL CHECK (status IN ('found', 'credited', 'refused', 'ignored', 'orphaned')),
    reason text,
    transfer bigint,               -- the transfer that credited it
    found_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (rail, tx_hash, ordinal)
);
CREATE INDEX chain_deposits_by_customer ON evens.chain_deposits (customer, id);
CREATE INDEX chain_deposits_by_block ON evens.chain_deposits (rail, block_number);
CREATE INDEX chain_deposits_found ON evens.chain_deposits (rail) WHERE status = 'found';

CREATE TABLE evens.chain_withdrawals (
    id bigint PRIMARY KEY,         -- the transfer that set the money aside
    rail text NOT NULL,
    customer bigint NOT NULL REFERENCES evens.customers,
    destination text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    status text NOT NULL CHECK (
        status IN ('waiting', 'approved', 'signing', 'sent', 'stuck', 'confirmed', 'returned', 'rejected', 'by_hand')
    ),
    reason text,
    approved_by text,
    approved_at timestamptz,
    claimed_at timestamptz,        -- when it was rejected, or said to be paid by hand
    account text,                  -- that pays, and its nonce
    nonce bigint CHECK (nonce >= 0),
    tx_hash text,                  -- of the transaction that was mined
    block_number bigint,
    taken_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chain_withdrawals_by_customer ON evens.chain_withdrawals (customer, id);
CREATE INDEX chain_withdrawals_live ON evens.chain_withdrawals (rail, status, id)
    WHERE status IN ('waiting', 'approved', 'signing', 'sent', 'stuck', 'rejected');
CREATE UNIQUE INDEX chain_withdrawals_by_nonce ON evens.chain_withdrawals (rail, account, nonce)
    WHERE nonce IS NOT NULL;
CREATE INDEX chain_withdrawals_by_block ON evens.chain_withdrawals (rail, block_number) WHERE block_number IS NOT NULL;

-- Every signed transaction of a payout: the first, and those that pay a higher fee. At most one of a nonce is ever mined.
CREATE TABLE evens.chain_sendings (
    tx_hash text PRIMARY KEY,
    withdrawal bigint NOT NULL REFERENCES evens.chain_withdrawals,
    account text NOT NULL,
    nonce bigint NOT NULL,
    raw text NOT NULL,
    fee_wei numeric NOT NULL,
    tip_wei numeric NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chain_sendings_by_nonce ON evens.chain_sendings (account, nonce);
CREATE INDEX chain_sendings_by_withdrawal ON evens.chain_sendings (withdrawal);

GRANT SELECT, INSERT, UPDATE ON evens.chain_addresses, evens.chain_deposits, evens.chain_withdrawals, evens.chain_sendings
    TO evens_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON evens.chain_cursors TO evens_app;
