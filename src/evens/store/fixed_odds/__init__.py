"""The sportsbook's tables: declarations, projections, loading, recalling, queries and audit."""
