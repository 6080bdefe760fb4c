"""Logs: one JSON object a line, with the fields that are bound to the current request."""

import io
import logging
import os
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, TextIO, cast

import structlog

_LEVELS: Final = logging.getLevelNamesMapping()

# Tracebacks must not show local variables: these hold passwords, tokens and customers' data.
_exceptions: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


FILE_BYTES_MAX: Final = 16 * 1024 * 1024
"""How long a log file becomes before it is renamed, and another one begun."""

FILES_KEPT: Final = 3
"""How many of the renamed ones are kept: ``server.log.1`` is the youngest."""


class _Stream(io.TextIOBase):
    """Drops a line that cannot be written: a full disk or a closed pipe must not break the code that logs."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            self._target.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._target.flush()


class _File(io.TextIOBase):
    """A file of whole lines that is renamed when it has become long. A line that cannot be written is dropped.

    The handler opens and renames. It would look at the file before each line; here it is asked only when as many bytes
    were written as there was room for.
    """

    def __init__(self, path: Path, bytes_max: int) -> None:
        self._handler = RotatingFileHandler(path, maxBytes=bytes_max, backupCount=FILES_KEPT, encoding="utf-8")
        self._bytes_max = bytes_max
        self._room = 0

    def write(self, text: str, /) -> int:
        # Lines come from several threads.
        self._handler.acquire()
        try:
            with suppress(OSError, ValueError):
                self._append(text.encode())
        finally:
            self._handler.release()
        return len(text)

    def flush(self) -> None:
        """Do nothing: each line is written at once."""

    def close(self) -> None:
        """Close the file."""
        self._handler.close()
        super().close()

    def _append(self, content: bytes) -> None:
        if self._room <= len(content) or self._stream is None:
            self._make_room(content)
        stream = self._stream
        assert stream is not None
        self._room -= len(content)
        stream.buffer.write(content)
        stream.buffer.flush()

    def _make_room(self, content: bytes) -> None:
        """Look at the file, and rename it if it would become too long with this line."""
        self._room = 0
        if self._handler.shouldRollover(logging.makeLogRecord({"msg": content.decode()})):
            self._handler.doRollover()
        if self._stream is not None:
            self._room = self._bytes_max - os.fstat(self._stream.fileno()).st_size

    @property
    def _stream(self) -> io.TextIOWrapper | None:
        """The open file; ``None`` if it could not be opened again."""
        return self._handler.stream


def configure(level: str, file: Path | None = None, *, file_bytes_max: int = FILE_BYTES_MAX) -> None:
    """Write log lines of ``level`` and above to stderr, or append them to ``file``; libraries' warnings included.

    A file that has become longer than ``file_bytes_max`` is renamed, and :data:`FILES_KEPT` such files are kept.
    """
    stream = _Stream(sys.stderr) if file is None else _File(file, file_bytes_max)
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        stamp,
    ]
    structlog.configure(
        processors=[*shared, _exceptions, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", stream)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _exceptions],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(_LEVELS[level.upper()], logging.WARNING), force=True)
