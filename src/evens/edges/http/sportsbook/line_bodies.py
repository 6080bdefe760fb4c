"""What requests to publish events are made of, as strict as a line provider and the house together.

What has the wrong shape is refused here, in the words of whoever asks; so a provider refuses only what it alone knows.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from evens.core.values.fixed_odds import (
    LINE_NUMBER_MAX,
    LINE_TEXT_MAX,
    MARKETS_PER_FIXTURE_MAX,
    SELECTIONS_PER_MARKET_MAX,
)
from evens.core.values.moments import format_time
from evens.edges.http.protocol.betting import OddsText
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.names import Name
from evens.edges.http.protocol.times import Moment

EVENT_ID_CHARS_MAX: Final = 128
KEY_CHARS_MAX: Final = 64
WORD_CHARS_MAX: Final = 64

_KEY: Final = r"^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$"


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be of printable characters, with no blank but the usual one")
    return text


def _check_event_id(text: str) -> str:
    if text != text.strip() or "/" in text or text in {".", ".."}:
        raise ValueError("must not begin or end with a blank, nor have a slash in it, nor be . or ..")
    return text


def _check_key(text: str) -> str:
    if re.fullmatch(_KEY, text, re.ASCII) is None:
        raise ValueError("must be 1 to 64 letters, digits and _ . : + -, beginning with a letter or digit")
    return text


def _check_moment(moment: int) -> int:
    if not 0 <= moment <= LINE_NUMBER_MAX:
        raise ValueError(f"must lie between {format_time(0)[:10]} and {format_time(LINE_NUMBER_MAX)[:10]}")
    return moment


LineName = Annotated[Name, Field(max_length=LINE_TEXT_MAX), AfterValidator(_check_printable)]
LineWord = Annotated[LineName, Field(max_length=WORD_CHARS_MAX)]
LineMoment = Annotated[Moment, AfterValidator(_check_moment)]
NewEventId = Annotated[
    LineName,
    Field(description="Left out: made of the title.", max_length=EVENT_ID_CHARS_MAX, examples=["ann-bo-2026"]),
    AfterValidator(_check_event_id),
]
LineKey = Annotated[str, Field(json_schema_extra={"pattern": _KEY}, examples=["home-win"]), AfterValidator(_check_key)]
SourceName = Annotated[
    Name,
    Field(
        description="Which line provider publishes it. Left out: the only one that can.",
        max_length=64,
        examples=["main"],
    ),
]


class NewSelectionBody(Body):
    """A selection of a new event."""

    key: Annotated[LineKey | None, Field(description="Left out: a word made of the name.")] = None
    name: LineName
    odds: OddsText


class NewMarketBody(Body):
    """A market of a new event."""

    key: Annotated[
        LineKey | None, Field(description="Left out: `main` for the only market, else a word made of the name.")
    ] = None
    name: LineName
    winners: Annotated[
        int, Field(description="How many selections win; 0 is any number.", ge=0, le=SELECTIONS_PER_MARKET_MAX)
    ] = 1
    related_group: Annotated[
        LineWord | None, Field(description="Bets in one accumulator must not share it, on whichever events they are.")
    ] = None
    selections: Annotated[list[NewSelectionBody], Field(min_length=1, max_length=SELECTIONS_PER_MARKET_MAX)]


class NewEventBody(Body):
    """An event that customers can bet on."""

    model_config = example(
        title="Ann v Bo",
        deadline="2027-11-20T19:30:00Z",
        sport="tennis",
        markets=[
            {"name": "Match odds", "selections": [{"name": "Ann", "odds": "1.80"}, {"name": "Bo", "odds": "2.10"}]}
        ],
    )

    id: NewEventId | None = None
    source: SourceName | None = None
    title: LineName
    deadline: Annotated[LineMoment, Field(description="Nobody can bet from then on.")]
    sport: LineWord | None = None
    competition: LineName | None = None
    starts_at: LineMoment | None = None
    markets: Annotated[list[NewMarketBody], Field(min_length=1, max_length=MARKETS_PER_FIXTURE_MAX)]


class SelectionChangeBody(Body):
    """What is to be different about a selection."""

    key: LineKey
    odds: OddsText | None = None
    suspended: bool | None = None


class MarketChangeBody(Body):
    """What is to be different about a market."""

    key: LineKey
    selections: Annotated[
        list[SelectionChangeBody] | None, Field(min_length=1, max_length=SELECTIONS_PER_MARKET_MAX)
    ] = None
    suspended: bool | None = None


class EventChangeBody(Body):
    """What is to be different about an event. What is not named stays."""

    model_config = example(markets=[{"key": "main", "selections": [{"key": "ann", "odds": "1.95"}]}])

    title: LineName | None = None
    deadline: Annotated[LineMoment | None, Field(description="Nobody can bet from then on.")] = None
    markets: Annotated[list[MarketChangeBody] | None, Field(min_length=1, max_length=MARKETS_PER_FIXTURE_MAX)] = None
