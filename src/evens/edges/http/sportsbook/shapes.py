"""What answers about events and bets are made of."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.shapes import Amount, Code, Time, UserIdentity

EventStatusName = Literal["new", "finished", "void"]
EventMarketStatusName = Literal["open", "suspended", "settled", "void"]
SelectionStatusName = Literal["open", "suspended", "removed"]
ResultName = Literal["won", "lost", "void", "half_won", "half_lost"]
LegStatusName = Literal["open", "won", "lost", "void", "half_won", "half_lost"]
BetKindName = Literal["single", "accumulator"]
BetStatusName = Literal["open", "won", "lost", "void", "cashed_out"]
AcceptName = Literal["any", "better", "none"]

BetId = Annotated[str, Field(description="A bet's id.", examples=["bet_42"])]
EventIdentity = Annotated[str, Field(description="The event's id, as its provider calls it.", examples=["ann-bo-2026"])]
DeadHeat = Annotated[
    str | None, Field(description="In a dead heat, the part of the stake that wins.", examples=["1/2"])
]


@dataclass(frozen=True, slots=True)
class EventSelection:
    """One answer to a market's question."""

    key: Annotated[str, Field(examples=["home"])]
    name: Annotated[str, Field(examples=["Ann"])]
    odds: Annotated[str, Field(description="Decimal odds; nobody can bet on 1.00 or less.", examples=["2.50"])]
    status: SelectionStatusName
    result: Annotated[ResultName | None, Field(description="How it ended; null until the market is settled.")]
    dead_heat: DeadHeat


@dataclass(frozen=True, slots=True)
class EventMarket:
    """One question about an event."""

    key: Annotated[str, Field(examples=["main"])]
    name: Annotated[str, Field(examples=["Match odds"])]
    status: EventMarketStatusName
    selections: list[EventSelection]


@dataclass(frozen=True, slots=True)
class SportsbookEvent:
    """A match or race that one can bet on."""

    id: EventIdentity
    title: Annotated[str, Field(examples=["Ann v Bo"])]
    sport: Annotated[str | None, Field(examples=["tennis"])]
    competition: Annotated[str | None, Field(examples=["Spring Cup"])]
    starts_at: Annotated[str | None, Field(examples=["2026-11-20T19:30:00Z"])]
    deadline: Annotated[str, Field(description="Nobody can bet from then on.", examples=["2026-11-20T19:30:00Z"])]
    status: EventStatusName
    suspended: Annotated[bool, Field(description="Whether nobody can bet on any of it at the moment.")]
    coefficient: Annotated[
        str | None, Field(description="The odds, if there is one market with one selection.", examples=["2.50"])
    ]
    markets: list[EventMarket]
    version: Annotated[int, Field(description="Rises with every change by the provider.", examples=[3])]
    as_of: Annotated[
        str | None,
        Field(
            description="When the provider last confirmed it to this server; null if it has not, as on a server that "
            "stands by for another.",
            examples=["2026-11-20T09:30:00Z"],
        ),
    ]
    stale: Annotated[
        bool,
        Field(description="Whether that was more than 3 seconds ago, or never: nobody can bet on it here then."),
    ]


@dataclass(frozen=True, slots=True)
class Sport:
    """A sport with events that one can bet on."""

    sport: Annotated[str | None, Field(description="Null: of no sport.", examples=["tennis"])]
    events: Annotated[int, Field(description="How many one can bet on now.", examples=[12])]


@dataclass(frozen=True, slots=True)
class EventState:
    """An event right after an operator changed something about it."""

    id: EventIdentity
    status: Annotated[
        EventStatusName | None, Field(description="What the event has become; null if that is what it was.")
    ] = None
    held: Annotated[bool | None, Field(description="With `suspend` and `resume`: whether you stopped bets on it.")] = (
        None
    )
    decided: Annotated[list[str] | None, Field(description="The markets with a new result.", examples=[["main"]])] = (
        None
    )
    reopened: Annotated[
        list[str] | None, Field(description="The markets whose result was taken back.", examples=[["main"]])
    ] = None
    cancelled: Annotated[
        list[str] | None, Field(description="The markets on which bets were cancelled.", examples=[["main"]])
    ] = None
    restored: Annotated[
        list[str] | None, Field(description="The markets on which a cancellation was taken back.", examples=[["main"]])
    ] = None
    coming: Annotated[str | None, Field(description="What the house goes on with.")] = None


@dataclass(frozen=True, slots=True)
class BetLegShown:
    """What a bet is on."""

    event_id: EventIdentity
    market: Annotated[str, Field(examples=["main"])]
    selection: Annotated[str, Field(examples=["home"])]
    odds: Annotated[str, Field(description="The odds that were taken.", examples=["2.50"])]
    status: LegStatusName
    dead_heat: DeadHeat
    reduction_bps: Annotated[
        int, Field(description="How much removals since have taken off its winnings, in basis points.", examples=[0])
    ]


@dataclass(frozen=True, slots=True)
class Bet:
    """A bet with the house at fixed odds."""

    id: BetId
    user_id: UserIdentity
    kind: BetKindName
    legs: list[BetLegShown]
    amount: Annotated[str, Field(description="The stake.", examples=["10.00"])]
    currency: Code
    odds: Annotated[
        str, Field(description="Those of all legs multiplied, as they were taken; rounded down.", examples=["2.50"])
    ]
    potential_payout: Annotated[
        str,
        Field(description="What it pays if every leg that can still win does, the stake included.", examples=["25.00"]),
    ]
    payout: Annotated[str | None, Field(description="What it paid; null while it is open.", examples=["25.00"])]
    status: BetStatusName
    placed_at: Time
    settled_at: Annotated[str | None, Field(examples=["2026-11-20T21:30:00Z"])]


@dataclass(frozen=True, slots=True)
class CashOutQuote:
    """What a bet is worth at the moment. It is honoured exactly, or refused."""

    quote_id: Annotated[str, Field(description="Send it back to take the amount.", examples=["MTQyNToxNzk1MDgwNjAw"])]
    amount: Annotated[str, Field(examples=["14.25"])]
    currency: Code
    expires_at: Time


@dataclass(frozen=True, slots=True)
class BookLimits:
    """What the house takes in a currency; null is no limit."""

    currency: Code
    min_stake: Amount
    max_stake: Annotated[str | None, Field(examples=["1000.00"])]
    max_payout: Annotated[str | None, Field(description="The most that one bet may pay.", examples=["50000.00"])]
    max_event_liability: Annotated[
        str | None, Field(description="The most that the house may lose on one event.", examples=["20000.00"])
    ]
    cash_out_margin_bps: Annotated[
        int, Field(description="What the house keeps of a bet's present value, in basis points.", examples=[500])
    ]


@dataclass(frozen=True, slots=True)
class StakeFactor:
    """Which part of the largest stake a user may stake."""

    user_id: UserIdentity
    percent: Annotated[int, Field(examples=[100])]


@dataclass(frozen=True, slots=True)
class SelectionExposure:
    """The open singles on a selection."""

    selection: Annotated[str, Field(examples=["home"])]
    bets: Annotated[int, Field(examples=[3])]
    staked: Amount
    returns: Annotated[str, Field(description="What they pay if it wins, rounded up.", examples=["75.00"])]


@dataclass(frozen=True, slots=True)
class MarketExposure:
    """What the house can lose on a market with open singles."""

    event_id: EventIdentity
    title: Annotated[str, Field(examples=["Ann v Bo"])]
    market: Annotated[str, Field(examples=["main"])]
    market_name: Annotated[str, Field(examples=["Match winner"])]
    currency: Code
    bets: Annotated[int, Field(examples=[5])]
    staked: Amount
    worst_case: Annotated[str, Field(description="The most that the house can lose.", examples=["45.00"])]
    selections: list[SelectionExposure]


@dataclass(frozen=True, slots=True)
class AccumulatorExposure:
    """What the house can lose on open accumulators with a leg on an event. One counts in full with each of its legs."""

    event_id: EventIdentity
    title: Annotated[str, Field(examples=["Ann v Bo"])]
    currency: Code
    bets: Annotated[int, Field(examples=[2])]
    staked: Amount
    worst_case: Annotated[str, Field(description="What they win if every leg does.", examples=["80.00"])]


@dataclass(frozen=True, slots=True)
class ReservedSum:
    """What is reserved in a currency, and for what; an accumulator counts once."""

    currency: Code
    singles: Annotated[str, Field(description="The sum of the markets' worst cases.", examples=["45.00"])]
    accumulators: Annotated[str, Field(description="What open accumulators can win.", examples=["80.00"])]
    reserved: Annotated[
        str,
        Field(
            description="Both. Of all events, it is `reserved` of the house's balances; of one, what "
            "`max_event_liability` limits.",
            examples=["125.00"],
        ),
    ]


@dataclass(frozen=True, slots=True)
class BookExposure:
    """What open bets can cost, as of one moment. The lists are always whole."""

    items: Annotated[list[MarketExposure], Field(description="Singles, market by market; newest events first.")]
    accumulators: Annotated[list[AccumulatorExposure], Field(description="Event by event, the newest first.")]
    reserved: list[ReservedSum]
    next: None = None


@dataclass(frozen=True, slots=True)
class DeclaredResult:
    """How a selection ended, as somebody says."""

    selection: Annotated[str, Field(examples=["home"])]
    result: ResultName
    dead_heat: DeadHeat


@dataclass(frozen=True, slots=True)
class Conflict:
    """A market whose provider said two different things: an operator decides."""

    event_id: EventIdentity
    title: Annotated[str, Field(examples=["Ann v Bo"])]
    market: Annotated[str, Field(examples=["main"])]
    stands: Annotated[list[DeclaredResult], Field(description="What was said first, and is booked.")]
    contradicts: Annotated[
        list[DeclaredResult],
        Field(description="What was said later, and is not applied. Empty if what was said comes to no rest."),
    ]
    at: Annotated[str | None, Field(description="When it was said.", examples=["2026-11-20T21:30:00Z"])]


@dataclass(frozen=True, slots=True)
class HouseMove:
    """A movement of the house's own money."""

    id: Annotated[str, Field(examples=["txn_1795080600123456789"])]
    kind: Literal["deposit", "withdrawal"]
    amount: Amount
    currency: Code
    bank_after: Annotated[str, Field(description="What was in the bank then.", examples=["10000.00"])]
    recorded_at: Time
    reference: str | None


@dataclass(frozen=True, slots=True)
class HouseBalance:
    """The house's own money in one currency."""

    currency: Code
    bank: Annotated[str, Field(description="Free to cover more bets, or to be withdrawn.", examples=["10000.00"])]
    reserved: Annotated[str, Field(description="Set aside for bets that the house may have to pay.", examples=["0.00"])]
    fees: Amount
    rounding: Amount
    receivable: Annotated[str, Field(description="What users owe the house.", examples=["0.00"])]
    owed: Annotated[
        str, Field(description="What the owner owes the house; the next deposits repay it first.", examples=["0.00"])
    ]
