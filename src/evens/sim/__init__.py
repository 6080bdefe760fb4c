"""Seeded traffic: actors that use the house as customers do, the same way for the same seed.

The demo, the benchmarks and the tests share it, so what they show can be repeated exactly.
"""
