"""What Betfair's HTTP API and its Exchange Stream have in common: ids, moments, numbers, sessions, what a market is."""
