"""Routes about registering, logging in and API keys."""
