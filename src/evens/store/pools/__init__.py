"""The pools' tables: declarations, projections, loading, queries and audit."""
