"""Routes about the sportsbook: events, bets at fixed odds, and the house's own money behind them."""
