"""The composition: the only room that knows all the others, and joins what they left open.

Here the sequencer gets its journal, the edges their services, and a program its beginning and its end. There is no
rule, no SQL and no rendering here. :mod:`evens.main` is its front door.
"""
