"""Logs: one JSON object a line, with whatever is bound to the request at hand."""

import logging
import sys
from pathlib import Path
from typing import Final, TextIO

import structlog

_LEVELS: Final = logging.getLevelNamesMapping()


def configure(level: str, file: Path | None = None) -> None:
    """Write log lines of ``level`` and above to stderr, or to the end of ``file``; other libraries' warnings too."""
    stream: TextIO = sys.stderr if file is None else file.open("a", encoding="utf-8")
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        stamp,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(_LEVELS[level.upper()], logging.WARNING), force=True)
