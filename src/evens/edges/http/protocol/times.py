"""Times and dates in requests."""

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from evens.core.values.moments import EXAMPLE, TimeInvalid, parse_date, parse_time


def _read_time(value: Any) -> int:
    if not isinstance(value, str):
        raise TimeInvalid("must be a string")
    return parse_time(value)


def _read_date(value: Any) -> int:
    if not isinstance(value, str):
        raise TimeInvalid("must be a string")
    return parse_date(value)


Moment = Annotated[
    int,
    PlainValidator(_read_time),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [EXAMPLE]}),
]
"""A time in a request, as nanoseconds."""

Day = Annotated[
    int, PlainValidator(_read_date), WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-20"]})
]
"""A date in a request, as the nanosecond at which it begins in UTC."""
