"""What the operator console reads: the ledger, the journal with its index, timelines, audits, customers."""
