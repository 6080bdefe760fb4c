"""The outside world as the house hears of it: what others publish, turned into commands.

A feed decides nothing about money: it asks the house, under keys derived from what it heard, and takes no for an
answer. What it needs of the house is a protocol beside its consumer; the composition joins the two.
"""
