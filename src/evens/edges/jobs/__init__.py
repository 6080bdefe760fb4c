"""Background jobs: the delivery of webhooks and hourly clean-up, and the operations on webhooks."""
