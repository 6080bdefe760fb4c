"""The rail over a chain of Ethereum's kind: one ERC-20 token, read from a node, paid by a signer.

Nothing here has a private key. Addresses are derived from an extended public key, and payouts are signed by a process
of its own (``signer.py``), which alone reads the key's file.
"""

import sys

_LIMIT = sys.getrecursionlimit()

import web3 as _web3  # noqa: E402  (what it imports lets Python recurse a hundred times deeper than the stack bears)

assert _web3.__name__ == "web3"

# Else a request's body that is nested deeply enough ends the process, where it is to be refused.
sys.setrecursionlimit(_LIMIT)
