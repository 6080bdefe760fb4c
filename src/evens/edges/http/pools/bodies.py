"""What requests about pools are made of."""

import re
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import AfterValidator, Field

from evens.core.values.odds import BPS_UNIT
from evens.edges.http.pools.shapes import SideName
from evens.edges.http.protocol.bodies import ActsFor, Body, example
from evens.edges.http.protocol.names import Name
from evens.edges.http.protocol.texts import AmountText, CurrencyCode, Text
from evens.edges.http.protocol.times import Moment

KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}", re.ASCII)


def _check_key(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError("must be 1 to 32 small letters, digits and dashes, such as ndx-daily")
    return key


def _check_code(code: str) -> str:
    if not CODE.fullmatch(code):
        raise ValueError("must be 1 to 32 letters, digits and dashes, such as 20261127")
    return code


PoolKeyText = Annotated[
    str,
    Field(
        description="1 to 32 small letters, digits and dashes. `bets` and `rounds` are words of ours.",
        examples=["ndx-daily"],
        json_schema_extra={"pattern": f"^{KEY.pattern}$"},
    ),
    AfterValidator(_check_key),
]
RoundCodeText = Annotated[
    str,
    Field(
        description="A round's code. `current` is a word of ours.",
        examples=["20261127"],
        json_schema_extra={"pattern": f"^{CODE.pattern}$"},
    ),
    AfterValidator(_check_code),
]


PoolPath = Annotated[str, Path(description="The pool's key.", examples=["ndx-daily"])]
CodePath = Annotated[str, Path(description="The round's code.", examples=["20261127"])]


class SourceBody(Body):
    """Where closing prices come from: a JSON or CSV document, a file, an operator, or a simulation."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    kind: Literal["http_json", "http_csv", "file", "manual", "simulated"]
    url: Annotated[str | None, Field(description="May hold `{symbol}`, `{date}` and `{code}`.", max_length=500)] = None
    price: Annotated[str | None, Field(description="Its path or column.", max_length=100)] = None
    date: Annotated[str | None, Field(description="Its path or column.", max_length=100)] = None
    seed: int | None = None
    headers: Annotated[
        dict[str, str] | None,
        Field(description="Sent with requests; `{@NAME}` is a secret of the server.", max_length=10),
    ] = None


class RunningBody(Body):
    """How a pool is run. What is left out is as it was, or in a new pool as usual."""

    calendar: Annotated[str | None, Field(description="`XNAS` and the like, or `every:60` for rounds of 60 s.")] = None
    lock_before_close_s: int | None = None
    settle_after_close_s: int | None = None
    grace_s: int | None = None
    quorum: int | None = None
    tolerance_bps: int | None = None
    jump_bps: int | None = None
    closed: Annotated[list[str] | None, Field(max_length=1_000)] = None
    early: dict[str, str] | None = None
    sources: Annotated[list[SourceBody] | None, Field(min_length=1, max_length=10)] = None

    def said(self) -> dict[str, Any]:
        """Return what was said about how the pool is run."""
        names = RunningBody.model_fields
        told = self.model_dump(include=set(names), exclude_none=True)
        if self.sources is not None:
            told["sources"] = [source.model_dump(exclude_none=True) for source in self.sources]
        return told


class PoolBody(RunningBody):
    """A new series of rounds."""

    model_config = example(
        key="ndx-daily",
        name="NASDAQ Composite, daily",
        symbol="IXIC",
        currency="USDC",
        fee_bps=100,
        min_stake="1.00",
        calendar="XNAS",
        sources=[{"name": "desk", "kind": "manual"}],
    )

    key: PoolKeyText
    name: Name
    symbol: Text
    currency: CurrencyCode | None = None
    fee_bps: Annotated[int, Field(ge=0, le=BPS_UNIT, description="Of what the losing side staked.")] = 100
    min_stake: Annotated[
        AmountText | None,
        Field(description="Left out: 100 minor units, and no less than 0.01; so rounding down takes no more than 1 %."),
    ] = None
    max_stake: AmountText | None = None


class PoolChangeBody(RunningBody):
    """Other terms, for the rounds that are opened from now on; what is left out stays."""

    model_config = example(fee_bps=200)

    name: Name | None = None
    symbol: Text | None = None
    fee_bps: Annotated[int | None, Field(ge=0, le=BPS_UNIT)] = None
    min_stake: AmountText | None = None
    max_stake: Annotated[AmountText | None, Field(description="`null` takes the limit away.")] = None


class OpenRoundBody(Body):
    """A new round: the next one by the pool's calendar, the one with a code, or one at times of your own."""

    model_config = example(code="20261127")

    code: RoundCodeText | None = None
    locks_at: Annotated[Moment | None, Field(description="Only with `code` and `settles_at`.")] = None
    settles_at: Annotated[Moment | None, Field(description="Only with `code` and `locks_at`.")] = None


class SettleRoundBody(Body):
    """How a round ended; `auto` asks the pool's sources."""

    model_config = example(result="auto")

    result: Literal["up", "down", "auto"]
    price: Annotated[
        str | None, Field(description="With `up` and `down`: the closing price, for the evidence.", max_length=40)
    ] = None
    against_sources: Annotated[
        Text | None,
        Field(
            description="With `up` and `down`: why that is so although the sources have decided otherwise, which is "
            "refused without it. It stands in the public proof."
        ),
    ] = None


class TellPriceBody(Body):
    """The close of a round, as an operator knows it."""

    model_config = example(price="15003.25", reason="The exchange's own page, 16:05.")

    price: Annotated[str, Field(description="A plain decimal above 0.", max_length=40)]
    reason: Annotated[Text, Field(description="How you know. It is public.")]
    source: Annotated[
        str | None, Field(description="Which source of kind `manual`; left out: the only one.", max_length=32)
    ] = None


class VoidRoundBody(Body):
    """Why a round is void; whoever bet is told."""

    model_config = example(reason="The exchange did not open.")

    reason: Text


class CorrectRoundBody(Body):
    """How a round ended in truth."""

    model_config = example(result="down")

    result: Literal["up", "down", "void"]
    reason: Annotated[Text | None, Field(description="Why the result before was wrong.")] = None
    price: Annotated[
        str | None,
        Field(description="The closing price, with which the next round is compared.", max_length=40),
    ] = None


class PoolBetBody(Body):
    """A stake on one side of a round; the open round that locks first, unless one is named."""

    model_config = example(side="up", amount="1.00")

    side: SideName
    amount: AmountText
    currency: Annotated[CurrencyCode | None, Field(description="The pool's. Left out: it.")] = None
    round: RoundCodeText | None = None
    user_id: ActsFor = None
