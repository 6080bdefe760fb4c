"""Bodies that were compressed: read within the same limits as others, however much they would grow."""

import zlib
from typing import Final

from evens.edges.http.protocol.problem import Refused, problem

ACCEPTED: Final = "gzip, deflate"

_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS
_WINDOW_BITS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_DEFLATED: Final = 8


class InflatedTooLong(Exception):
    """The body would be longer than is allowed."""


def check_encoding(value: str) -> str:
    """Return how a body is compressed, from its Content-Encoding; empty if it is not. Raises a 415."""
    encoding = value.strip().lower()
    if encoding in {"", "identity"}:
        return ""
    if encoding not in _WINDOW_BITS:
        detail = f"A body can be sent as it is, or with one `Content-Encoding` of these: {ACCEPTED}."
        raise Refused(problem(415, "unsupported_encoding", detail), {"Accept-Encoding": ACCEPTED})
    return encoding


def inflate(content: bytes, encoding: str, bytes_max: int) -> bytes:
    """Return a compressed body as it was. Never makes more than ``bytes_max`` bytes of it.

    Raises :class:`InflatedTooLong`, and a 400 for what is broken, cut off, or followed by something else.
    """
    inflater = zlib.decompressobj(_window_bits(content, encoding))
    try:
        inflated = inflater.decompress(content, bytes_max + 1)
    except zlib.error as error:
        raise _broken("it cannot be read") from error
    if len(inflated) > bytes_max:
        raise InflatedTooLong
    if not inflater.eof:
        raise _broken("it ends too early")
    if inflater.unused_data:
        raise _broken("something follows it")
    return inflated


def _window_bits(content: bytes, encoding: str) -> int:
    """Return how to read a body; some clients send ``deflate`` without the header that belongs to it."""
    if encoding == "deflate" and (len(content) < 2 or content[0] & 15 != _DEFLATED or int.from_bytes(content[:2]) % 31):
        return _RAW
    return _WINDOW_BITS[encoding]


def _broken(why: str) -> Refused:
    return Refused(problem(400, "malformed_encoding", f"The compressed body cannot be inflated: {why}."))
