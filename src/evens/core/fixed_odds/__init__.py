"""Fixed odds: bets with the house at the odds that a line provider publishes."""
