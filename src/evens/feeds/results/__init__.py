"""Settles the exchange's markets by official results: the sources, the mapping to markets, and the watcher."""
