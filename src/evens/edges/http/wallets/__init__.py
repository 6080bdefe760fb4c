"""Routes about users, payments, transactions and imports."""
