"""The outside world's news behind small protocols: lines, results, prices and chains.

A feed turns what it hears into commands. It decides nothing, and may repeat itself without harm.
"""
