"""What requests about following are made of."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from evens.core.values.following import MARKETS_MAX, PERCENT, SLIPPAGE_TICKS_MAX, parse_fee, parse_ratio
from evens.edges.http.protocol.betting import OddsText
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.names import UserReference
from evens.edges.http.protocol.texts import AmountText, CurrencyCode, Text

ModeName = Literal["fixed", "proportional"]
CopiedProductName = Literal["exchange", "sportsbook", "pools"]

_SLIPPAGE_DEFAULT: Final = 2


def _read_ratio(value: Any) -> int:
    return parse_ratio(value if isinstance(value, str) else "")


def _read_fee(value: Any) -> int:
    return parse_fee(value if isinstance(value, str) else "")


RatioText = Annotated[
    int,
    PlainValidator(_read_ratio),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$",
            "description": "A share of the leader's stake, above 0 and up to 100, as a string.",
            "examples": ["0.25"],
        }
    ),
]
FeeText = Annotated[
    int,
    PlainValidator(_read_fee),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^0(\.[0-9]{1,4})?$",
            "description": "A share of the net profit, from 0 to 0.5, as a string.",
            "examples": ["0.1"],
        }
    ),
]
Ticks = Annotated[
    int,
    Field(ge=0, le=SLIPPAGE_TICKS_MAX, description="How many ticks worse than the leader's odds may be (exchange)."),
]
LeastOdds = Annotated[
    OddsText | None, Field(description="The lowest total odds of a copied bet (sportsbook); `null`: any.")
]
Products = Annotated[
    list[CopiedProductName],
    Field(
        min_length=1,
        max_length=3,
        strict=False,
        description="Where to copy. In pools nothing can bound the price, so they must be named.",
    ),
]
Markets = Annotated[
    list[Text],
    Field(
        max_length=MARKETS_MAX,
        description="Ids of markets of the exchange, events and pools to which copying is limited; empty: to none.",
        examples=[["mkt_42"]],
    ),
]
StopLoss = Annotated[
    Annotated[int, Field(ge=1, lt=PERCENT)] | None,
    Field(
        description="Pause when so many per cent of the allocation or less are left, with open copies valued; `null`: "
        "never."
    ),
]


class FollowBody(Body):
    """Whom to copy, how much, and within which limits. Limits count what a copy can lose."""

    model_config = example(
        leader="ada",
        mode="fixed",
        stake="5.00",
        allocation="200.00",
        per_bet_cap="10.00",
        daily_cap="50.00",
        products=["exchange", "sportsbook"],
    )

    leader: UserReference
    currency: CurrencyCode | None = None
    mode: ModeName
    stake: Annotated[AmountText | None, Field(description="What each copy stakes; in mode `fixed`.")] = None
    ratio: Annotated[RatioText | None, Field(description="In mode `proportional`.")] = None
    allocation: Annotated[AmountText, Field(description="The most that all copies together may risk.")]
    per_bet_cap: Annotated[AmountText, Field(description="The most that one copy may risk.")]
    daily_cap: Annotated[AmountText, Field(description="The most that the copies of a UTC day may risk.")]
    max_slippage_ticks: Ticks = _SLIPPAGE_DEFAULT
    min_odds: LeastOdds = None
    products: Products
    markets: Annotated[Markets, Field(default_factory=list[str])]
    stop_loss_percent: StopLoss = None
    performance_fee: Annotated[
        FeeText,
        Field(description="The fee that the leader's profile shows: you agree to it. Refused if it is another one."),
    ] = 0


class FollowChangeBody(Body):
    """What to change; what is left out stays."""

    model_config = example(daily_cap="25.00")

    mode: ModeName | None = None
    stake: Annotated[AmountText | None, Field(description="What each copy stakes; in mode `fixed`.")] = None
    ratio: Annotated[RatioText | None, Field(description="In mode `proportional`.")] = None
    allocation: Annotated[AmountText | None, Field(description="The most that all copies together may risk.")] = None
    per_bet_cap: Annotated[AmountText | None, Field(description="The most that one copy may risk.")] = None
    daily_cap: Annotated[AmountText | None, Field(description="The most that the copies of a UTC day may risk.")] = None
    max_slippage_ticks: Ticks | None = None
    min_odds: LeastOdds = None
    products: Products | None = None
    markets: Markets | None = None
    stop_loss_percent: StopLoss = None
