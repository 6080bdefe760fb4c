"""The chain rail: where customers pay to, what has arrived there for good, and payouts to addresses.

A rail books nothing by itself. It turns what a chain says into commands with ids that follow from the chain's own names
of things, so that whatever is read twice is booked once.
"""
