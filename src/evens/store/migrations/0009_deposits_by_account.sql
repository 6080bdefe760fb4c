-- Deposits are looked for by account, for those who have limits, and no longer all at once.

DROP INDEX evens.transfers_deposits;

CREATE INDEX transfers_deposits_by_account ON evens.transfers (credit, id) WHERE kind = 1;
