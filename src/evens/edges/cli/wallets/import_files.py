"""Opens what is to be imported as text: a file or stdin, compressed or not, in UTF-8, UTF-16 or another encoding."""

import codecs
import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import Final

from evens.edges.cli.failures import Misused

STDIN: Final = Path("-")
"""What stands for standard input."""

UNPACKED_BYTES_MAX: Final = 2**30
"""How many bytes a gzip file may have once it is unpacked: a small one can have more than there is memory."""

_PIECE_BYTES: Final = 2**20
_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOOKED_AT: Final = 200


def read_text(path: Path, encoding: str | None) -> str:
    """Return all of a file, or of standard input for ``-``, as text without a byte order mark.

    Without an ``encoding``, UTF-16 is recognised, and anything else is UTF-8 in which bytes that are not become
    surrogates. Raises :class:`Misused` if the file cannot be read, is damaged, unpacks to more than
    :data:`UNPACKED_BYTES_MAX`, or is not in the encoding named.
    """
    data = _unpack(path, _read(path))
    wanted = encoding or _recognise(data)
    try:
        text = data.decode(wanted, "strict" if encoding is not None or wanted != "utf-8" else "surrogateescape")
    except LookupError as error:
        raise Misused(
            f"{encoding} is not an encoding.", "Write a name such as utf-8, utf-16, cp1252 or latin-1."
        ) from error
    except UnicodeError as error:
        raise Misused(
            f"{path} is not {wanted} text.", "Name its encoding, such as --encoding cp1252, or save it as UTF-8."
        ) from error
    return text.removeprefix("\ufeff")


def lines_of(text: str) -> io.StringIO:
    """Return the lines of a text with their ends as they are, as the standard library's CSV reader wants them."""
    return io.StringIO(text, newline="")


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except OSError as error:
        raise Misused(f"{path} cannot be read: {error.strerror}.") from error


def _unpack(path: Path, data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            while len(unpacked) <= UNPACKED_BYTES_MAX and (piece := packed.read(_PIECE_BYTES)):
                unpacked += piece
    except (OSError, EOFError, zlib.error) as error:
        raise Misused(f"{path} is a damaged gzip file: {error}.", "Fetch it once more; nothing was booked.") from error
    if len(unpacked) > UNPACKED_BYTES_MAX:
        raise Misused(
            f"{path} unpacks to more than {UNPACKED_BYTES_MAX // 2**20} MiB, and no more is read.",
            "Check that it is the right file, and split it if it is; nothing was booked.",
        )
    return bytes(unpacked)


def _recognise(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return "utf-16"
    # Text in a Latin alphabet has a zero in every second byte.
    even, odd = data[:_LOOKED_AT:2].count(0), data[1:_LOOKED_AT:2].count(0)
    if max(even, odd) > _LOOKED_AT // 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"
