"""Settling the exchange's markets from official results: sources, what they say of a market, and the watcher."""
