"""What an event is: at once what is stored, what is answered and what messages carry.

Coefficients are decimal strings with two fraction digits, times RFC 3339 in UTC.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from evens.edges.http.protocol.shapes import Time

MAIN: Final = "main"
"""The market of an event that has only one."""

WIN: Final = "win"
"""The selection of an event that is a single coefficient."""


class Status(StrEnum):
    """Where an event stands. New → finished is the only way forward; a rollback leads back."""

    NEW = "NEW"
    FINISHED_WIN = "FINISHED_WIN"
    FINISHED_LOSE = "FINISHED_LOSE"
    FINISHED = "FINISHED"
    VOID = "VOID"


class MarketStatus(StrEnum):
    """Where a market stands."""

    OPEN = "open"
    SUSPENDED = "suspended"
    SETTLED = "settled"
    VOID = "void"


class SelectionStatus(StrEnum):
    """Where a selection stands. Removed is for good."""

    OPEN = "open"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class Result(StrEnum):
    """How a selection ended."""

    WON = "won"
    LOST = "lost"
    VOID = "void"
    HALF_WON = "half_won"
    HALF_LOST = "half_lost"


class Topic(StrEnum):
    """Why a message is sent."""

    EVENT_CHANGED = "event_changed"
    BET_STOP = "bet_stop"
    EVENT_FINISHED = "event_finished"
    EVENT_CANCELLED = "event_cancelled"
    RESULT_ROLLED_BACK = "result_rolled_back"
    ALIVE = "alive"


Coefficient = Annotated[str, Field(description="Decimal odds with two fraction digits.", examples=["2.10"])]


@dataclass(frozen=True, slots=True)
class Selection:
    """One answer to a market's question."""

    key: Annotated[str, Field(examples=["home"])]
    name: Annotated[str, Field(examples=["Leeds"])]
    coefficient: Coefficient
    status: SelectionStatus = SelectionStatus.OPEN
    result: Annotated[Result | None, Field(description="Of a market that is settled or void.")] = None
    dead_heat: Annotated[str | None, Field(description="Places left and how many tie.", examples=["1/2"])] = None
    reduction_bps: Annotated[int | None, Field(description="What its removal takes off the others' winnings.")] = None
    removed_at: Time | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """One question about an event."""

    key: Annotated[str, Field(examples=[MAIN])]
    name: Annotated[str, Field(examples=["Match odds"])]
    selections: tuple[Selection, ...]
    status: MarketStatus = MarketStatus.OPEN
    winners: Annotated[int, Field(description="How many selections win; 0 is any number.")] = 1
    related_group: Annotated[str | None, Field(description="Bets in one accumulator must not share it.")] = None

    @property
    def is_decided(self) -> bool:
        """Whether it has a result."""
        return self.status in (MarketStatus.SETTLED, MarketStatus.VOID)


Window = Annotated[
    dict[str, str | list[str]],
    Field(
        description="A time whose bets are void: `from` inclusive, `to` exclusive; on all markets if none is named.",
        examples=[{"from": "2026-12-01T14:00:00Z", "to": "2026-12-01T14:05:00Z", "markets": []}],
    ),
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something to bet on, as a whole."""

    id: str
    title: str
    sport: str | None
    competition: str | None
    starts_at: Time | None
    deadline: Time
    status: Status
    suspended: bool
    coefficient: Annotated[str | None, Field(description="If there is one market with one selection.")]
    markets: tuple[Market, ...]
    cancelled: tuple[Window, ...]
    version: Annotated[int, Field(description="Rises by one with every change.")]
    change: Annotated[int, Field(description="The number of its last change among those of all events.")]
    created_at: Time
    updated_at: Time

    def market(self, key: str) -> Market | None:
        """Return the market with this key, if there is one."""
        return next((each for each in self.markets if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one event, with the event as it was after it."""

    change: int
    type: Topic
    at: Time
    event: Event
