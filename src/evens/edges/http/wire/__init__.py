"""How values look on the wire: what is read from requests, strictly, and what answers are made of."""
