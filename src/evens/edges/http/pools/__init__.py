"""Pari-mutuel pools over HTTP."""
