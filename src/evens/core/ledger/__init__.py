"""Accounts and transfers: double entry by construction, and the only code that moves money.

A transfer takes from one account what it gives to another of the same currency, and records both balances
after it. No customer account ever goes below zero.
"""
