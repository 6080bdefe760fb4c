"""The line: fixtures, odds and results of line providers, turned into commands in the right order.

A *dialect* translates what a provider writes into sayings and asks nobody anything. A *record* keeps what was said of
a fixture and knows what the house must still be asked for it to be booked. The *desk* asks, fixture by fixture. A
*source* talks with one provider: it pulls, and catches up on what was missed. The *feed* notices silence.
"""
