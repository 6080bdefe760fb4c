"""Authentication: passwords, access and refresh tokens, API keys and roles.

It knows nothing of wallets. What it stores is behind protocols in this package, which the store implements.
"""
