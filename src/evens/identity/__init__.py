"""Who is calling: passwords, access and refresh tokens, API keys and roles.

Knows nothing of wallets. What it keeps is behind protocols here; `main` joins them with the store.
"""
