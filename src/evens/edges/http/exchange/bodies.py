"""What requests to the exchange are made of."""

from typing import Annotated, Final

from pydantic import Field

from evens.core.values.betting import CROSSED_RUNNERS_MAX, RUNNERS_PER_MARKET_MAX
from evens.core.values.odds import BPS_UNIT
from evens.edges.http.exchange.known_markets import MarketIdText, RunnerIdText
from evens.edges.http.exchange.shapes import PersistenceName, TimeInForceName
from evens.edges.http.protocol.betting import OddsText, SideName
from evens.edges.http.protocol.bodies import ActsFor, Body, example
from evens.edges.http.protocol.names import Name
from evens.edges.http.protocol.texts import AmountText, CurrencyCode, Text
from evens.edges.http.protocol.times import Moment

ORDERS_PER_BATCH_MAX: Final = 200
BET_DELAY_SECONDS_MAX: Final = 30
VERSION_MAX: Final = 2**31 - 1

BasisPoints = Annotated[int, Field(ge=0, le=BPS_UNIT, examples=[500])]


class RunnerBody(Body):
    """Somebody or something that can win."""

    name: Annotated[Name, Field(examples=["Ann"])]


class MarketBody(Body):
    """A new market. Its runners get the ids `1`, `2`, … in the order given."""

    model_config = example(
        name="Match odds",
        event="ann-bo-2026",
        starts_at="2026-11-20T19:30:00Z",
        runners=[{"name": "Ann"}, {"name": "Bo"}, {"name": "Draw"}],
    )

    name: Name
    event: Annotated[Name | None, Field(description="Your own name for the contest.")] = None
    starts_at: Moment
    runners: Annotated[list[RunnerBody], Field(min_length=2, max_length=RUNNERS_PER_MARKET_MAX)]
    winners: Annotated[
        int,
        Field(description="How many of the runners will win, or can win at most.", ge=1, le=RUNNERS_PER_MARKET_MAX),
    ] = 1
    winners_min: Annotated[
        int | None,
        Field(
            description="Where it is not known before how many will win: how few can. Left out: exactly `winners`.",
            ge=0,
            le=RUNNERS_PER_MARKET_MAX,
        ),
    ] = None
    commission_bps: Annotated[
        BasisPoints | None,
        Field(
            description="Taken of each user's net profit, to the nearest minor unit and half a unit up. Left out: the "
            "house's usual commission."
        ),
    ] = None
    ladder: Annotated[
        str,
        Field(description="Which odds there are: `classic`, `finest`, or one of the house's own.", max_length=64),
    ] = "classic"
    min_stake: Annotated[AmountText | None, Field(description="Left out: the house's usual minimum.")] = None
    currency: CurrencyCode | None = None
    bet_delay_seconds: Annotated[
        int, Field(description="How long orders wait once the market is in-play.", ge=0, le=BET_DELAY_SECONDS_MAX)
    ] = 0
    cover_removals: Annotated[
        bool,
        Field(
            description="Before the off, hold what can be lost if any one runner is removed, by any reduction. "
            "Otherwise the house lends what a removal leaves uncovered."
        ),
    ] = False
    cross_matching: Annotated[
        bool,
        Field(
            description="Match orders on one side of all runners together, where nobody is on the other side. Only "
            f"where exactly one of at most {CROSSED_RUNNERS_MAX} runners wins; none can be removed then, and whoever "
            "does not take part loses."
        ),
    ] = False
    event_type: Annotated[
        Name | None, Field(description="The sport, or what else the contest is a case of.", examples=["Tennis"])
    ] = None
    competition: Annotated[Name | None, Field(description="What the contest is part of.")] = None
    country: Annotated[
        str | None, Field(description="Where: two capital letters.", pattern="^[A-Z]{2}$", examples=["GB"])
    ] = None
    venue: Annotated[Name | None, Field(description="The place there, such as a race course.")] = None
    market_type: Annotated[
        str | None,
        Field(description="What is asked, in capitals.", pattern="^[A-Z0-9_]{1,50}$", examples=["MATCH_ODDS"]),
    ] = None


class SettleBody(Body):
    """Who won. On a settled market it takes `correction`: old results are reversed, and new ones booked."""

    model_config = example(winners=["1"], tied=["2", "3"])

    winners: Annotated[
        list[RunnerIdText],
        Field(
            description="Who won outright: perhaps fewer than the market has places, or nobody, and then all lays win.",
            max_length=RUNNERS_PER_MARKET_MAX,
        ),
    ]
    tied: Annotated[
        list[RunnerIdText],
        Field(
            description="Who share the places that `winners` leave, each on its part of the stake; more than these.",
            max_length=RUNNERS_PER_MARKET_MAX,
            default_factory=list[str],
        ),
    ]
    dead_heat: Annotated[bool, Field(description="In a market with one place: all of the winners tied for it.")] = False
    correction: bool = False


class VoidBody(Body):
    """Nothing counts. On a settled market it takes `correction`."""

    correction: bool = False


class RemoveRunnerBody(Body):
    """By how much matched odds on the others shrink: whole odds down to 1.01 where one runner wins, else the winnings.

    Asked again with another reduction until the market is settled, it corrects the first.
    """

    model_config = example(reduction_bps=1250)

    reduction_bps: BasisPoints


class OrderBody(Body):
    """Back or lay a runner at these odds or better."""

    model_config = example(market_id="mkt_42", runner_id="1", side="back", odds="2.50", stake="10.00")

    market_id: MarketIdText
    runner_id: RunnerIdText
    side: SideName
    odds: OddsText
    stake: AmountText
    time_in_force: Annotated[
        TimeInForceName, Field(description="`gtc` waits for a match; `fok` takes what is there, or nothing.")
    ] = "gtc"
    min_fill: Annotated[
        AmountText | None, Field(description="With `fok`: the least that must be matched. Left out: all of the stake.")
    ] = None
    persistence: Annotated[
        PersistenceName, Field(description="What becomes of unmatched stake when the market turns in-play.")
    ] = "lapse"
    market_version: Annotated[
        int | None,
        Field(description="The market's newest version that you know of; refused if older.", ge=1, le=VERSION_MAX),
    ] = None
    client_ref: Annotated[Text | None, Field(description="Your own name for the order.")] = None
    strategy_ref: Annotated[Text | None, Field(description="Your own name for what the order is a part of.")] = None
    user_id: ActsFor = None


class OrderBatchBody(Body):
    """Up to 200 orders, each decided on its own merits, in order."""

    model_config = example(
        orders=[
            {"market_id": "mkt_42", "runner_id": "1", "side": "back", "odds": "2.50", "stake": "10.00"},
            {"market_id": "mkt_42", "runner_id": "1", "side": "lay", "odds": "2.40", "stake": "10.00"},
        ]
    )

    orders: Annotated[list[OrderBody], Field(min_length=1, max_length=ORDERS_PER_BATCH_MAX)]


class ReplaceOrderBody(Body):
    """Other odds, another stake (the whole of it, with what is matched), or both; or another persistence alone."""

    model_config = example(odds="2.60", stake="8.00")

    odds: OddsText | None = None
    stake: AmountText | None = None
    persistence: PersistenceName | None = None
    market_version: Annotated[
        int | None,
        Field(description="The market's newest version that you know of; refused if older.", ge=1, le=VERSION_MAX),
    ] = None


class CancelOrdersBody(Body):
    """Whose unmatched orders to take back, and in which market; left out: one's own, in all."""

    model_config = example(market_id="mkt_42")

    market_id: MarketIdText | None = None
    user_id: ActsFor = None


class CommissionDiscountBody(Body):
    """What part of every commission a user does not pay. It counts in markets that are first settled from now on."""

    model_config = example(discount_bps=2000)

    discount_bps: BasisPoints
