"""Betfair's dialect: the API that exchange traders' programs know, over what the exchange here is."""
