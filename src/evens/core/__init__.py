"""The rules: what may happen to money, and nothing else.

Standard library only, integers only, deterministic: no clock, no I/O, no randomness. A command goes into
:func:`evens.core.kernel.step`, events come out, and replaying the events rebuilds the same house, digest for digest.
"""
