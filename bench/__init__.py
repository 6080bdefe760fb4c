"""Benchmarks: every figure beside a reference measured in the same run, on the same server.

``python -m bench`` runs all; ``python -m bench transfers http`` runs some. Figures that were kept are in RESULTS.md.
"""
