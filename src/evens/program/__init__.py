"""The composition root: the only package that imports all the others, and joins their parts into a program.

It gives the sequencer its journal and the edges their services, and starts and stops everything. It has no rules, no
SQL and no rendering. :mod:`evens.main` is the entry point.
"""
