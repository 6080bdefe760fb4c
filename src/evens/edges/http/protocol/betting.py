"""Words that every betting product uses: odds and sides, in requests and in answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from evens.core.values.betting import Side
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

Odds = Annotated[str, Field(description="Decimal odds.", examples=["2.50"])]
"""Decimal odds in an answer."""

SideName = Literal["back", "lay"]

SIDE_NAMES: Final[Mapping[Side, SideName]] = {Side.BACK: "back", Side.LAY: "lay"}

SIDES: Final[Mapping[SideName, Side]] = {name: side for side, name in SIDE_NAMES.items()}
