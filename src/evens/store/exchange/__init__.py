"""The exchange's tables (markets, orders, matches, positions, settlements): declarations to audit, and snapshots."""
