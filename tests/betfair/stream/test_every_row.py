"""What docs/betfair-stream.md says is the same, narrower or not here is so: a test for each name of its table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from evens.edges.betfair.stream.bet_channel import SETTLED_SINCE_S
from evens.edges.betfair.stream.filters import MARKETS_MAX
from evens.edges.betfair.stream.requests import (
    CONFLATE_MS_MAX,
    HEARTBEAT_MS_MAX,
    HEARTBEAT_MS_MIN,
    MarketFilter,
    OrderFilter,
)
from evens.edges.betfair.stream.serving import StreamLimits
from evens.edges.betfair.stream.subscription import SEGMENT
from evens.store.exchange.followed import ENDED_MAX
from tests.betfair.stream.claims import NOT_HERE, OF_CONNECTIONS, Claim
from tests.betfair.stream.conftest import BetfairServer
from tests.betfair.stream.market_claims import FITTING, OF_MARKETS
from tests.betfair.stream.order_claims import OF_ORDERS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "betfair-stream.md"
ROW = re.compile(r"^\| (?P<names>[^|]+) \| (?P<how>same|narrower|not here) \| (?P<says>[^|]*) \|$", re.MULTILINE)
NAMES = re.compile(r"`(\w+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one name."""

    how: str
    says: str


def _table() -> dict[str, Row]:
    """Return the rows of the table, by each name in them."""
    table = PAGE.read_text("utf-8").partition("## What is the same, narrower, or not here")[2].partition("\n\nA ")[0]
    rows = list(ROW.finditer(table))
    # The head of the table and what is below it.
    assert len(rows) == len([line for line in table.splitlines() if line.startswith("|")]) - 2
    return {name.strip("`"): Row(row["how"], row["says"].strip()) for row in rows for name in row["names"].split(", ")}


ROWS: Final = _table()
CLAIMS: Final[Mapping[str, Claim]] = {**OF_CONNECTIONS, **OF_MARKETS, **OF_ORDERS, **NOT_HERE}
WHAT_IS_SAID: Final = {
    "connection": [f"up to {StreamLimits().connections_per_caller_max} connections of one caller"],
    "marketSubscription": [f"up to {MARKETS_MAX} markets"],
    "conflateMs": [f"0 to {CONFLATE_MS_MAX}", f"{HEARTBEAT_MS_MIN} to {HEARTBEAT_MS_MAX}", f"segments have {SEGMENT}"],
    "orderSubscription": [f"the latest {ENDED_MAX:,} that are over", "the last hour"],
}
"""By name: what the table says with numbers that the code has, too."""


def test_every_name_in_the_table_has_a_test() -> None:
    assert sorted(ROWS) == sorted(CLAIMS)
    assert {name for name, row in ROWS.items() if row.how == "not here"} == {*NOT_HERE, "SP_TRADED", "SP_PROJECTED"}


@pytest.mark.parametrize("name", WHAT_IS_SAID)
def test_the_numbers_are_those_of_the_code(name: str) -> None:
    for said in WHAT_IS_SAID[name]:
        assert said in ROWS[name].says
    assert SETTLED_SINCE_S == 3600


def test_the_fields_of_filters_are_those_that_are_looked_at() -> None:
    taken = {_camel(name) for name in MarketFilter.__struct_fields__}
    assert NAMES.findall(ROWS["marketFilter"].says) == list(FITTING)
    assert taken - FITTING.keys() == {"raceTypes", "betDelayModels"}
    assert set(NAMES.findall(ROWS["orderFilter"].says)) == {_camel(name) for name in OrderFilter.__struct_fields__}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


@pytest.mark.anyio
@pytest.mark.parametrize("name", CLAIMS)
async def test_what_the_table_says_is_so(betfair: BetfairServer, name: str) -> None:
    await CLAIMS[name](betfair)
