"""The simulator: customers, payments, contests and traders, the same for the same seed.

The demo, the benchmarks and the tests use it, so their runs can be repeated exactly.
"""
