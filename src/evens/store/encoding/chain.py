"""The hash chain: each journal record carries a SHA-256 over itself and the hash before it."""

from hashlib import sha256
from struct import Struct
from typing import Final

GENESIS: Final = sha256(b"").digest()
"""The hash before the first record."""

_place: Final = Struct(">qq").pack


def link(hash_before: bytes, seq: int, at: int, command_id: bytes, payload: bytes) -> bytes:
    """Return the hash of a record that follows ``hash_before``."""
    return sha256(hash_before + _place(seq, at) + command_id + payload).digest()
