"""How records become bytes and rows: payloads, the hash chain, declarations of tables, and the rows of a batch."""
