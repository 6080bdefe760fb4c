"""Idempotency: a caller's key names a command, for ever and across restarts."""

import hashlib
import os
from typing import Annotated, Final

from fastapi import Header

REPLAYED_HEADER: Final = "Idempotency-Replayed"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 visible ASCII characters of your choice. The same key with the same request gives the "
        "first answer again, with `Idempotency-Replayed: true`; with another request it is refused.",
        pattern=r"^[!-~]{1,255}$",
        examples=["order-1842-payment"],
    ),
]


def command_id(scope: str, key: str) -> bytes:
    """Return the command id that a key stands for, in the namespace of whoever uses it."""
    return hashlib.blake2b(f"{scope}\0{key}".encode(), digest_size=16).digest()


def random_command_id() -> bytes:
    """Return the id of a command without a key, which nothing can ask for again."""
    return os.urandom(16)
