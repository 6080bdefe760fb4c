"""The chain rail's tables: addresses, what arrived there, how far a chain was read, and payouts on their way.

No command of the journal writes them: they say which transaction of a chain each booking stands for.
"""
