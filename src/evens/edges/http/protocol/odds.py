"""Odds in requests: decimal strings that become hundredths."""

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from evens.core.values.odds import OddsInvalid, parse_odds


def _read_odds(value: Any) -> int:
    if not isinstance(value, str):
        raise OddsInvalid('must be a string such as "2.50"')
    return parse_odds(value)


OddsText = Annotated[
    int,
    PlainValidator(_read_odds),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[1-9][0-9]{0,3}(\.[0-9]{1,2})?$",
            "description": "Decimal odds from 1.01 to 1000, as a string; never a JSON number.",
            "examples": ["2.50"],
        }
    ),
]
"""Decimal odds in a request, in hundredths."""
