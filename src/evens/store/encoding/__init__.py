"""How records become bytes and rows: the journal's payloads, its hash chain, and the rows of a batch."""
