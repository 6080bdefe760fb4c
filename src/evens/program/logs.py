"""Logs: one JSON object a line, with the fields that are bound to the current request."""

import io
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO, cast

import structlog

_LEVELS: Final = logging.getLevelNamesMapping()

# Tracebacks must not show local variables: these hold passwords, tokens and customers' data.
_exceptions: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


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


def configure(level: str, file: Path | None = None) -> None:
    """Write log lines of ``level`` and above to stderr, or append them to ``file``; libraries' warnings included."""
    stream = _Stream(sys.stderr if file is None else file.open("a", encoding="utf-8"))
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
