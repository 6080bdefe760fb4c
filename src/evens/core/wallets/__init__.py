"""Customers and their wallets: deposits, withdrawals, and transfers between customers."""
