"""Trading over HTTP: the few steps that tests of the exchange have in common."""

import asyncio
from typing import Any, Final

from evens.store.auditing.audit import audit
from tests.edges.conftest import Caller, OpenHouse

ANN: Final = "1"
BO: Final = "2"
CY: Final = "3"

MARKET: Final[dict[str, Any]] = {
    "name": "Match odds",
    "starts_at": "2026-11-20T19:30:00Z",
    "runners": [{"name": "Ann"}, {"name": "Bo"}, {"name": "Cy"}],
}


async def open_market(operator: Caller, **change: Any) -> str:
    """Open a market of three runners, and return its id."""
    answer = await operator.post("/v1/exchange/markets", {**MARKET, **change})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def order_of(market: str, side: str, odds: str, stake: str, runner: str = ANN, **more: Any) -> dict[str, Any]:
    """Return the body of an order."""
    return {"market_id": market, "runner_id": runner, "side": side, "odds": odds, "stake": stake, **more}


async def place(
    caller: Caller, market: str, side: str, odds: str, stake: str, runner: str = ANN, **more: Any
) -> dict[str, Any]:
    """Place an order that is taken, and return it."""
    answer = await caller.post("/v1/exchange/orders", order_of(market, side, odds, stake, runner, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def change(operator: Caller, market: str, deed: str, body: Any = None) -> dict[str, Any]:
    """Do something with a market, wait until it is done for everybody, and return the market."""
    answer = await operator.post(f"/v1/exchange/markets/{market}/{deed}", body)
    assert answer.status_code == 200, answer.text
    return await at_rest(operator, market)


async def settle(operator: Caller, market: str, *winners: str, **more: Any) -> dict[str, Any]:
    """Say who won, wait until everybody is paid, and return the market."""
    return await change(operator, market, "settle", {"winners": winners, **more})


async def at_rest(caller: Caller, market: str) -> dict[str, Any]:
    """Return a market as soon as it is no longer at work."""
    async with asyncio.timeout(30):
        while True:
            found = (await caller.get(f"/v1/exchange/markets/{market}")).json()
            if not found["working"]:
                return found


async def over(caller: Caller, order: str) -> dict[str, Any]:
    """Return an order as soon as nothing of it waits any more."""
    async with asyncio.timeout(30):
        while True:
            found = (await caller.get(f"/v1/exchange/orders/{order}")).json()
            if found["status"] != "executable":
                return found


async def wallet(caller: Caller, currency: str = "USD") -> tuple[str, str]:
    """Return what somebody has in cash and in escrow."""
    found = (await caller.get("/v1/users/me/balance", currency=currency)).json()
    return found["cash"], found["escrow"]


async def items(caller: Caller, path: str, **query: Any) -> list[Any]:
    """Return the items of a list that is on one page."""
    answer = await caller.get(path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return answer.json()["items"]


async def check_books(house: OpenHouse) -> None:
    """Replay the journal and hold every table against it: every transfer balances, escrow is what can be lost."""
    assert (await audit(house.stage.dsns.app)).problems == []
