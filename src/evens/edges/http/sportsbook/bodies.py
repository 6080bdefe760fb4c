"""What requests to the sportsbook are made of."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from evens.core.values.fixed_odds import (
    LEGS_MAX,
    MARKETS_PER_FIXTURE_MAX,
    REDUCTION_BPS_MAX,
    SELECTIONS_PER_MARKET_MAX,
)
from evens.core.values.odds import BPS_UNIT
from evens.edges.http.protocol.betting import OddsText
from evens.edges.http.protocol.bodies import ActsFor, Body, Reference, example
from evens.edges.http.protocol.texts import AmountText, CurrencyCode, Text
from evens.edges.http.protocol.times import Moment
from evens.edges.http.sportsbook.shapes import AcceptName, ResultName

MAIN: Final = "main"
WIN: Final = "win"
STAKE_PERCENT_MAX: Final = 1000
_DEAD_HEAT: Final = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})", re.ASCII)
_RESULTS_MAX: Final = MARKETS_PER_FIXTURE_MAX * SELECTIONS_PER_MARKET_MAX

EventIdText = Annotated[Text, Field(description="An event's id.", examples=["ann-bo-2026"])]
MarketKey = Annotated[Text, Field(description="A market's key within its event.", examples=["main"])]
SelectionKey = Annotated[Text, Field(description="A selection's key within its market.", examples=["home"])]
SeenOdds = Annotated[
    OddsText | None, Field(description="The odds that you saw. Left out: those of the moment, whatever they are.")
]


def _check_dead_heat(text: str | None) -> str | None:
    match = None if text is None else _DEAD_HEAT.fullmatch(text)
    if text is not None and (match is None or int(match[1]) >= int(match[2])):
        raise ValueError('must be the places left and the selections that tie for them, such as "1/2"')
    return text


class LegBody(Body):
    """A leg of a bet."""

    event_id: EventIdText
    market: MarketKey = MAIN
    selection: SelectionKey
    odds: SeenOdds = None


class BetBody(Body):
    """A single on one selection, or several `legs` that all have to win."""

    model_config = example(event_id="ann-bo-2026", selection="home", amount="10.00", odds="2.50")

    event_id: EventIdText | None = None
    market: Annotated[MarketKey | None, Field(description="Left out: `main`.")] = None
    selection: Annotated[SelectionKey | None, Field(description="Left out: `win`.")] = None
    odds: SeenOdds = None
    legs: Annotated[
        list[LegBody] | None,
        Field(description="Instead of `event_id` and the like.", min_length=1, max_length=LEGS_MAX),
    ] = None
    amount: AmountText
    currency: CurrencyCode | None = None
    accept: Annotated[
        AcceptName,
        Field(
            description="Which odds do if they have changed: `any`, the same or `better` ones, or `none`; leg by leg."
        ),
    ] = "better"
    user_id: ActsFor = None


class CashOutBody(Body):
    """The quote that is taken."""

    model_config = example(quote_id="MTQyNToxNzk1MDgwNjAw")

    quote_id: Annotated[str, Field(description="Of a quote that was just given.", min_length=1, max_length=64)]


class ResultBody(Body):
    """How a selection ended."""

    market: MarketKey = MAIN
    selection: SelectionKey
    result: ResultName
    dead_heat: Annotated[
        str | None,
        Field(
            description="If it won in a dead heat: the places left, and how many tie for them.",
            examples=["1/2"],
            json_schema_extra={"pattern": r"^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$"},
        ),
        AfterValidator(_check_dead_heat),
    ] = None

    def share(self) -> tuple[int, int]:
        """Return the places and how many tie for them; 1 of 1 without a dead heat."""
        match = _DEAD_HEAT.fullmatch(self.dead_heat or "")
        return (int(match[1]), int(match[2])) if match else (1, 1)


class SettleEventBody(Body):
    """Results, market by market; who is not named in a market has lost. It takes `correction` to replace a result."""

    model_config = example(results=[{"market": "main", "selection": "home", "result": "won"}])

    results: Annotated[list[ResultBody], Field(min_length=1, max_length=_RESULTS_MAX)]
    correction: bool = False


MarketKeys = Annotated[
    list[MarketKey] | None,
    Field(description="Left out: all that it applies to.", min_length=1, max_length=MARKETS_PER_FIXTURE_MAX),
]


class RollbackBody(Body):
    """Whose result is taken back: that of some markets, or of all that have one."""

    model_config = example(markets=["main"])

    markets: MarketKeys = None


class CancelBody(Body):
    """Which bets are void: those struck on these markets in this time, settled or not."""

    model_config = example(**{"from": "2026-11-20T19:30:00Z", "to": "2026-11-20T19:45:00Z"})

    since: Annotated[Moment, Field(alias="from", description="Bets struck then are void.")]
    until: Annotated[Moment | None, Field(alias="to", description="Bets struck then are good. Left out: now.")] = None
    markets: MarketKeys = None
    restored: Annotated[
        bool, Field(description="Take such a cancellation back. `to` can be left out if one began at `from`.")
    ] = False


class RemovalBody(Body):
    """Which selection is taken out, and by how much bets struck before on the others of its market win less."""

    model_config = example(selection="home", reduction_bps=1250)

    market: MarketKey = MAIN
    selection: SelectionKey
    reduction_bps: Annotated[
        int, Field(description="In basis points.", ge=0, le=REDUCTION_BPS_MAX, examples=[1250])
    ] = 0


class ConflictBody(Body):
    """Which market's result stays as it is, whatever its provider said later."""

    model_config = example(event_id="ann-bo-2026", market="main")

    event_id: EventIdText
    market: MarketKey = MAIN


class LimitsBody(Body):
    """What the house takes in a currency. What is left out is no limit."""

    model_config = example(min_stake="1.00", max_stake="1000.00", max_payout="50000.00", cash_out_margin_bps=500)

    currency: CurrencyCode | None = None
    min_stake: Annotated[AmountText | None, Field(description="Left out: the smallest amount there is.")] = None
    max_stake: AmountText | None = None
    max_payout: Annotated[AmountText | None, Field(description="The most that one bet may pay.")] = None
    max_event_liability: Annotated[
        AmountText | None, Field(description="The most that the house may lose on one event.")
    ] = None
    cash_out_margin_bps: Annotated[int, Field(ge=0, le=BPS_UNIT, examples=[500])] = 500


class StakeFactorBody(Body):
    """Which part of the largest stake a user may stake, in per cent: 100 is what everybody may, 0 is nothing."""

    model_config = example(percent=50)

    percent: Annotated[int, Field(ge=0, le=STAKE_PERCENT_MAX, examples=[50])]


class HouseBody(Body):
    """An amount of the house's own money."""

    model_config = example(amount="10000.00", currency="USD")

    amount: AmountText
    currency: CurrencyCode | None = None
    reference: Reference = None
