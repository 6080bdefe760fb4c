"""Betfair's Exchange Stream: markets and orders, live, as lines of JSON over TCP."""
