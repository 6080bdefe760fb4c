"""The rail over a chain of Ethereum's kind: one ERC-20 token, read from a node, paid by a signer.

Nothing here has a private key. Addresses are derived from an extended public key, and payouts are signed by a process
of its own (``signer.py``), which alone reads the key's file.
"""
