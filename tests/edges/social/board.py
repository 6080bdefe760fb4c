"""People whose bets were settled, and the leaderboard that follows."""

from typing import Any

from evens.store.console.journal import JournalQueries
from evens.store.social.keeping import RecordKeeping
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import change, open_market, place

BOARD = "/v1/leaderboard"


async def keep(house: OpenHouse) -> None:
    """Let the records be kept of everything that happened."""
    while await JournalQueries(house.database).index_next():
        pass
    keeping = RecordKeeping(house.database)
    while await keeping.keep_next():
        pass


async def bet(operator: Caller, backer: Caller, layer: Caller, winner: str, stake: str = "10.00") -> str:
    """Let one back a runner at 3.00 against another, in a market of its own, and settle it; return the market."""
    market = await open_market(operator, commission_bps=0)
    await place(layer, market, "lay", "3.00", stake)
    await place(backer, market, "back", "3.00", stake)
    await change(operator, market, "settle", {"winners": [winner]})
    return market


async def board(house: OpenHouse, **query: Any) -> list[tuple[int, str, str]]:
    """Return rank, name and profit of the leaderboard."""
    answer = await house.nobody.get(BOARD, **query)
    assert answer.status_code == 200, answer.text
    return [(item["rank"], item["username"], item["profit"]) for item in answer.json()["items"]]
