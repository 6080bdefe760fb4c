"""Pari-mutuel pools: rounds in which people bet against each other, and the house takes a fee."""
