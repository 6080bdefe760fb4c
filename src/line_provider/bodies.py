"""What may be asked. The simulator asks in the same words, so nothing gets past these checks."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from evens.core.values.fixed_odds import (
    COEFFICIENT_MAX,
    MARKETS_PER_FIXTURE_MAX,
    REDUCTION_BPS_MAX,
    SELECTIONS_PER_MARKET_MAX,
)
from evens.core.values.odds import ODDS_UNIT, format_odds
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.names import Name
from evens.edges.http.protocol.times import Moment
from line_provider.shapes import Result, Status

KEY_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$"
ID_CHARS_MAX: Final = 128

_COEFFICIENT: Final = re.compile(r"(0|[1-9][0-9]{0,5})(?:\.([0-9]{1,2}))?", re.ASCII)
_DEAD_HEAT: Final = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})", re.ASCII)


def _check_coefficient(text: str) -> str:
    match = _COEFFICIENT.fullmatch(text)
    if match is None:
        raise ValueError('must be a decimal such as "2.10", with at most two fraction digits')
    hundredths = int(match[1]) * ODDS_UNIT + int((match[2] or "").ljust(2, "0"))
    if not 1 <= hundredths <= COEFFICIENT_MAX:
        raise ValueError(f"must be from 0.01 to {format_odds(COEFFICIENT_MAX)}")
    return format_odds(hundredths)


def _check_key(text: str) -> str:
    if re.fullmatch(KEY_PATTERN, text, re.ASCII) is None:
        raise ValueError("must be 1 to 64 letters, digits and _ . : + -, beginning with a letter or digit")
    return text


def _check_id(text: str) -> str:
    if text != text.strip() or "/" in text or text in {".", ".."}:
        raise ValueError("must not begin or end with a blank, nor have a slash in it, nor be . or ..")
    return text


def _check_dead_heat(text: str) -> str:
    match = _DEAD_HEAT.fullmatch(text)
    if match is None or int(match[1]) >= int(match[2]):
        raise ValueError('must be places left and how many tie for them, such as "1/2"')
    return text


CoefficientText = Annotated[
    str,
    Field(description="Decimal odds from 0.01 to 100000.00.", examples=["2.10"]),
    AfterValidator(_check_coefficient),
]
Key = Annotated[str, Field(examples=["main"]), AfterValidator(_check_key)]
EventId = Annotated[Name, Field(min_length=1, max_length=ID_CHARS_MAX), AfterValidator(_check_id)]
Word = Annotated[Name, Field(max_length=64)]


class NewSelection(Body):
    """A selection to publish."""

    key: Key
    name: Name
    coefficient: CoefficientText
    suspended: bool = False


class SelectionChange(Body):
    """A selection to change, or to add: then with name and coefficient."""

    key: Key
    name: Name | None = None
    coefficient: CoefficientText | None = None
    suspended: bool | None = None


Selections = Annotated[list[NewSelection], Field(min_length=1, max_length=SELECTIONS_PER_MARKET_MAX)]
SelectionChanges = Annotated[list[SelectionChange], Field(min_length=1, max_length=SELECTIONS_PER_MARKET_MAX)]
Winners = Annotated[int, Field(ge=0, le=SELECTIONS_PER_MARKET_MAX, description="How many win; 0 is any number.")]
Keys = Annotated[tuple[Key, ...], Field(max_length=MARKETS_PER_FIXTURE_MAX, strict=False)]


class NewMarket(Body):
    """A market to publish."""

    key: Key
    name: Name
    selections: Selections
    winners: Winners = 1
    related_group: Word | None = None
    suspended: bool = False


class MarketChange(Body):
    """A market to change, or to add: then with name and selections."""

    key: Key
    name: Name | None = None
    selections: SelectionChanges | None = None
    winners: Winners | None = None
    related_group: Word | None = None
    suspended: bool | None = None


class NewEvent(Body):
    """An event to publish, in one of three forms: ``coefficient``, ``selections`` or ``markets``."""

    model_config = example(id="m-1", title="Will it rain?", deadline="2027-01-01T15:00:00Z", coefficient="1.50")

    id: EventId | None = None
    title: Name
    deadline: Moment
    sport: Word | None = None
    competition: Name | None = None
    starts_at: Moment | None = None
    coefficient: CoefficientText | None = None
    selections: Selections | None = None
    markets: Annotated[list[NewMarket] | None, Field(min_length=1, max_length=MARKETS_PER_FIXTURE_MAX)] = None


class GivenResult(Body):
    """How a selection ended."""

    market: Key = "main"
    selection: Key
    result: Annotated[Result, Field(strict=False)]
    dead_heat: Annotated[str | None, Field(examples=["1/2"])] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.dead_heat is not None:
            _check_dead_heat(self.dead_heat)
            if self.result is not Result.WON:
                raise ValueError("has a dead_heat, which only what is won can have")
        return self


class Removal(Body):
    """A runner that is out."""

    market: Key = "main"
    selection: Key
    reduction_bps: Annotated[int, Field(ge=0, le=REDUCTION_BPS_MAX)] = 0


class EventChange(Body):
    """What is to be different. What is not named stays."""

    model_config = example(coefficient="1.70")

    title: Name | None = None
    deadline: Moment | None = None
    coefficient: CoefficientText | None = None
    selections: SelectionChanges | None = None
    markets: Annotated[list[MarketChange] | None, Field(min_length=1, max_length=MARKETS_PER_FIXTURE_MAX)] = None
    suspended: bool | None = None
    status: Annotated[Status | None, Field(strict=False)] = None
    results: Annotated[list[GivenResult] | None, Field(min_length=1, max_length=1000)] = None
    removed: Annotated[list[Removal] | None, Field(min_length=1, max_length=200)] = None


class Cancellation(Body):
    """The time whose bets are void; without ``to`` up to now. Without ``markets`` on all of them."""

    since: Moment = Field(alias="from")
    until: Moment | None = Field(default=None, alias="to")
    markets: Keys = ()


class Rollback(Body):
    """The markets whose results are taken back; all if none is named."""

    markets: Keys = ()


class WebhookWanted(Body):
    """Where to send messages."""

    model_config = example(url="https://bets.example/v1/sportsbook/webhooks/line")

    url: str


Active = Literal["true", "false"]
