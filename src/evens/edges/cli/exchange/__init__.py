"""Commands about markets, orders and positions."""
