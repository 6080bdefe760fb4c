"""Accounts and transfers: double entry, and the only code that moves money."""
