"""Challenges: two customers bet each other directly, on a runner of a market or on the word of a resolver."""
