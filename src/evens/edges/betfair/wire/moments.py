"""Times as Betfair writes them: UTC to the millisecond, always with three fraction digits."""

from functools import lru_cache
from typing import Final

from evens.core.values.moments import SECOND_NS, format_time

MS_NS: Final = 1_000_000


def format_moment(at: int) -> str:
    """Return a moment (nanoseconds since 1970) as ``2026-11-29T08:30:00.125Z``; what is finer is cut off."""
    seconds, fraction = divmod(at, SECOND_NS)
    return f"{_second(seconds)}.{fraction // MS_NS:03d}Z"


def milliseconds(at: int) -> int:
    """Return a moment in milliseconds since 1970, as publish times are written."""
    return at // MS_NS


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Return a second; what one answer tells happened in few of them."""
    return format_time(seconds * SECOND_NS)[:-1]
