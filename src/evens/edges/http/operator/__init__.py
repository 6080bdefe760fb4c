"""Routes about the state of the house, and webhooks."""
