"""The exchange's tables: markets, orders, matches, positions and settlements."""
