"""What becomes of a command whose result cannot be printed: what was booked stays booked, and the exit code says so.

Standard output may be a terminal that knows no ✓, a pipe that nobody reads any more, a disk that is full, or nothing at
all. Text is made to fit whatever the encoding is. If it cannot be written, a command that changed something ends with
:attr:`ExitCode.BOOKED`, so that no script takes it for undone and does it again.
"""

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TextIO

from evens.edges.cli.failures import ExitCode

_HANDLER: Final = "evens.plain"
_PLAIN: Final = {"✓": "ok:", "✗": "error:", "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "·": ".", "─": "-"}
_LOST: Final = frozenset(
    {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EINVAL, errno.ECONNRESET}
)


class Unprinted(Exception):
    """The result could not be written; ``str()`` says why."""


@dataclass(slots=True)
class _Run:
    changed: bool = False


_RUN: Final = _Run()


def begin() -> None:
    """Prepare the streams for a command: nothing has been changed yet, and any text can be written."""
    _RUN.changed = False
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def write_utf8(text: str) -> None:
    """Write text for other programs, which is UTF-8 whatever a terminal would show."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8")
    sys.stdout.write(text)


def note_change() -> None:
    """Remember that this command has changed something for good."""
    _RUN.changed = True


def has_changed() -> bool:
    """Return whether this command has changed something for good."""
    return _RUN.changed


def is_lost(error: OSError) -> bool:
    """Return whether this is what happens when output cannot be written, rather than trouble with a file."""
    return error.errno in _LOST and error.filename is None


def finish(code: int, lost: str | None = None) -> int:
    """Write what is still to be written, and return the exit code; ``lost`` says why output failed already."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            if stream is sys.stdout:
                lost = lost or (error.strerror if isinstance(error, OSError) else None) or "it is closed"
            _silence(stream)
    if lost is None or code != ExitCode.OK:
        return code
    if not _RUN.changed:
        # Whoever closes a pipe has seen enough.
        return ExitCode.OK if lost == os.strerror(errno.EPIPE) else _say(ExitCode.UNPRINTED, lost)
    return _say(ExitCode.BOOKED, lost)


def _say(code: ExitCode, lost: str) -> ExitCode:
    words = "This is done, but the result" if code is ExitCode.BOOKED else "The result"
    with suppress(OSError, ValueError):
        print(f"✗ {words} could not be printed: {lost}.", file=sys.stderr, flush=True)
    return code


def _silence(stream: TextIO) -> None:
    """Let a stream that cannot be written swallow the rest, which Python would try to write once more at the end."""
    with suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Return the same in letters that every encoding has, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(_PLAIN.get(letter) or _escaped(letter) for letter in error.object[error.start : error.end])
    return text, error.end


def _escaped(letter: str) -> str:
    return letter.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(_HANDLER, _plain)
