"""The single writer: puts commands in one order, decides them with the core and commits them in batches.

Nobody is answered before the commit of their own batch. When there is any doubt about what was committed,
the state in memory is thrown away and loaded again. What is needed of a journal is a protocol here; `main`
joins it with the store.
"""
