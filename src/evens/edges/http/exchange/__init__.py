"""Routes about markets, orders, positions and market data."""
