"""The challenges' tables: declarations, projections, loading, queries and audit."""
