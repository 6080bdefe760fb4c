"""Feeds: what others publish, turned into commands.

A feed decides nothing about money. It submits commands with idempotency keys that follow from what it read, and accepts
refusals. What it needs from the server is a protocol in the feed's own package; the composition root implements it.
"""
