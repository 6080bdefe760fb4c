"""Routes about challenges."""
