"""Betting in pools over HTTP: the few steps that tests of the pools have in common."""

import asyncio
import time
from typing import Any, Final

from evens.core.values.moments import format_time
from tests.edges.conftest import Caller

POOL: Final[dict[str, Any]] = {
    "key": "ndx-daily",
    "name": "NASDAQ Composite, daily",
    "symbol": "IXIC",
    "currency": "USD",
    "fee_bps": 100,
    "min_stake": "0.01",
}
PATH: Final = "/v1/pools/ndx-daily"
TIMES: Final = {"locks_at": "2099-01-02T20:59:59Z", "settles_at": "2099-01-02T21:05:00Z"}
CODE: Final = "20990102"


async def create(operator: Caller, **change: Any) -> dict[str, Any]:
    """Create a pool."""
    answer = await operator.post("/v1/pools", {**POOL, **change})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def open_round(operator: Caller, code: str = CODE, pool: str = "ndx-daily", **times: str) -> dict[str, Any]:
    """Open a round at times of our own, far away unless they are named."""
    answer = await operator.post(f"/v1/pools/{pool}/rounds", {"code": code, **TIMES, **times})
    assert answer.status_code == 201, answer.text
    return answer.json()


def soon(seconds: float = 1.0) -> dict[str, str]:
    """Return times of a round that locks in so many seconds, and may be settled at once."""
    at = format_time(time.time_ns() + int(seconds * 10**9))
    return {"locks_at": at, "settles_at": at}


async def locked(caller: Caller, code: str = CODE, path: str = PATH) -> dict[str, Any]:
    """Return a round as soon as it has locked by itself."""
    async with asyncio.timeout(30):
        while True:
            found = (await caller.get(f"{path}/rounds/{code}")).json()
            if found["status"] != "open":
                return found
            await asyncio.sleep(0.01)


async def bet(caller: Caller, side: str, amount: str, pool: str = "ndx-daily", **more: Any) -> dict[str, Any]:
    """Place a bet that is taken, and return it."""
    answer = await caller.post(f"/v1/pools/{pool}/bets", {"side": side, "amount": amount, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(caller: Caller, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
    """Ask for what is refused, and return the status and why."""
    answer = await caller.post(path, body, **more)
    return answer.status_code, answer.json()["code"]


async def change(operator: Caller, deed: str, body: Any = None, code: str = CODE, path: str = PATH) -> dict[str, Any]:
    """Do something with a round, wait until it is done for everybody, and return the round."""
    answer = await operator.post(f"{path}/rounds/{code}/{deed}", body)
    assert answer.status_code == 200, answer.text
    return await at_rest(operator, code, path)


async def at_rest(caller: Caller, code: str = CODE, path: str = PATH) -> dict[str, Any]:
    """Return a round as soon as nothing is being booked for it."""
    async with asyncio.timeout(30):
        while True:
            found = (await caller.get(f"{path}/rounds/{code}")).json()
            if found["result"] is None or found["fee"] is not None:
                return found


async def listed(caller: Caller, path: str = "/v1/pools/bets", **query: Any) -> list[dict[str, Any]]:
    """Return the items of a list that is on one page."""
    answer = await caller.get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
