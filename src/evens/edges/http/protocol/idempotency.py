"""Idempotency: a caller's key names a command, for ever and across restarts."""

import hashlib
import os
import re
from typing import Annotated, Final

from fastapi import Header
from pydantic import AfterValidator

REPLAYED_HEADER: Final = "Idempotency-Replayed"

_PATTERN: Final = r"^[!-~]{1,255}$"


def _check_key(text: str | None) -> str | None:
    if text is not None and re.fullmatch(_PATTERN, text, re.ASCII) is None:
        raise ValueError("must be 1 to 255 visible ASCII characters")
    return text


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 visible ASCII characters of your choice. The same key with the same request gives the "
        "first answer again, with `Idempotency-Replayed: true`; with another request it is refused.",
        json_schema_extra={"pattern": _PATTERN},
        examples=["order-1842-payment"],
    ),
    AfterValidator(_check_key),
]


def command_id(scope: str, key: str) -> bytes:
    """Return the command id that a key stands for, in the namespace of whoever uses it."""
    return hashlib.blake2b(f"{scope}\0{key}".encode(), digest_size=16).digest()


def item_key(key: str, position: int, *, is_last: bool) -> str:
    """Return what stands for one item of a batch under a key; that it is the last one tells where the batch ends.

    No caller's own key has the NUL that sets it apart.
    """
    return f"{key}\0{position}{'.' if is_last else ''}"


def made_key(key: str) -> str:
    """Return what stands for the one command that was made for a request under a key."""
    return f"{key}\0"


def done_key(key: str) -> str:
    """Return what stands for a request under a key being done, where what it asks for is no command of the house."""
    return f"{key}\0done"


def random_command_id() -> bytes:
    """Return the id of a command without a key, which nothing can ask for again."""
    return os.urandom(16)
