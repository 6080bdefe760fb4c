"""The tables of ledger and wallets (currencies, transfers, balances, customers, withdrawals): declarations to audit."""
