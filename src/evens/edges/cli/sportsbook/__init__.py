"""Commands about the sportsbook."""
