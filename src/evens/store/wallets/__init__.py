"""The wallets' tables: customers, transfers, balances and withdrawals."""
