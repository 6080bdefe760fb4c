"""A stand-by server takes over in the middle of a ruling, while the provider tells results: each is booked once.

The leader's commit of a ruling is stopped. Then the leader is ended, by kill −9, or by standing still until the
database has let go of it; that one wakes up later, and must not book anything on top of its successor.
"""

import asyncio
import os
import signal
from contextlib import ExitStack, suppress
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from tests.cli.program import Server, run, running
from tests.faults.desk import Desk, desk_at, ready, until_so
from tests.faults.elsewhere import Elsewhere, elsewhere
from tests.faults.stalling import LOCK, Place, Stall, stalled
from tests.jobs.receiver import Receiver, Reply, Request
from tests.program.both_services import (
    bet,
    kill,
    line_desk_at,
    offered,
    open_bank,
    providing,
    reading,
    settled_bets,
)

pytestmark = pytest.mark.anyio

ODDS = {"home": "2.50", "draw": "3.20", "away": "2.90"}
RETURNS = {
    "voided": {"home": "10.00", "draw": "10.00", "away": "10.00"},
    "ruled": {"home": "0.00", "draw": "0.00", "away": "29.00"},
    "told": {"home": "25.00", "draw": "0.00", "away": "0.00"},
}
"""What each match brings for 10.00: an operator voids one and has away win another, the provider has home win."""

AWAY_WON = {"results": [{"selection": "away", "result": "won"}]}
DECIDING = Place("market_results", "INSERT", "true")
_SETTLED_ONCE = """
SELECT f.key, count(*), count(DISTINCT s.customer), max(s.settlement)
FROM evens.singles_settled AS s JOIN evens.fixtures AS f ON f.id = s.fixture GROUP BY f.key
"""


class Pair:
    """Two servers on one database. The provider's messages go to whichever takes them."""

    def __init__(self, house: Elsewhere, provider: Server, receiver: Receiver, stack: ExitStack) -> None:
        settings = {
            **reading(provider),
            "DATABASE_URL": house.dsn,
            "EVENS_PUBLIC_URL": f"http://127.0.0.1:{receiver.port}",
            "EVENS_SECRET": "5e" * 32,
        }
        self.house = house
        self.leader, self.standby = (
            stack.enter_context(running(["serve", "--port", "0"], house.data.with_name(name), env=settings))
            for name in ("leader", "standby")
        )
        self._open = [self.leader, self.standby]
        receiver.behave = self.pass_on

    async def pass_on(self, request: Request) -> Reply:
        """Take a message to the first server that does not send it away."""
        headers = {name: each for name, each in request.headers.items() if name.startswith(("webhook-", "content-"))}
        headers.pop("content-length", None)
        async with httpx2.AsyncClient(timeout=5) as http:
            for server in self._open:
                with suppress(httpx2.HTTPError):
                    answer = await http.post(server.url + request.path, content=request.body, headers=headers)
                    if answer.status_code == 204:
                        return Reply()
        return Reply(503)

    async def end_leader(self, stall: Stall, *, stands_still: bool) -> None:
        """End the leader whose commit is stopped, in the database's eyes too, and let its successor's through."""
        if stands_still:
            os.kill(self.leader.process.pid, signal.SIGSTOP)
        else:
            kill(self.leader)
        self._open = [self.standby]
        await stall.roll_back()
        await stall.ask("SELECT pg_advisory_unlock($1)", LOCK)

    def wake_leader(self) -> None:
        """Let the one that stood still go on."""
        os.kill(self.leader.process.pid, signal.SIGCONT)
        self._open = [self.leader, self.standby]


async def publish_and_bet(pair: Pair, provider: Server, desk: Desk) -> None:
    """Publish the matches, and have a customer bet on each outcome of each."""
    customers = await desk.customers(len(ODDS), "1000")
    await open_bank(desk, "1000")
    async with line_desk_at(provider) as line:
        for event in RETURNS:
            await line.publish(event, event.title(), ODDS)
            await offered(desk, event)
            for customer, name in zip(customers, ODDS, strict=True):
                await bet(desk, customer, "10.00", (event, name))


async def check(pair: Pair, desk: Desk) -> None:
    """Everybody was paid once, what contradicts is listed, and the audit is clean."""
    for event, returns in RETURNS.items():
        bets = await settled_bets(desk, event)
        assert {each["legs"][0]["selection"]: each["payout"] for each in bets.values()} == returns
    for number, name in enumerate(ODDS):
        (customer,) = (await desk.http.get("/v1/users", params={"username": f"c{number}"})).json()["items"]
        returned = sum(Decimal(returns[name]) for returns in RETURNS.values())
        assert Decimal(await desk.cash(customer["id"])) == 1000 - 10 * len(RETURNS) + returned

    async def is_listed() -> bool:
        listed = (await desk.http.get("/v1/sportsbook/conflicts")).json()["items"]
        return [each["event_id"] for each in listed] == ["ruled"]

    await until_so(is_listed)
    assert set(await pair.house.rows(_SETTLED_ONCE)) == {(event, 3, 3, 1) for event in RETURNS}
    audited = run("audit", "--data", str(pair.standby.data), "--json", env={"DATABASE_URL": pair.house.dsn})
    assert audited.code == 0, audited


@pytest.mark.parametrize("stands_still", [False, True], ids=["killed", "stalled"])
async def test_who_takes_over_books_what_operators_and_the_provider_said_once(
    tmp_path: Path, *, stands_still: bool
) -> None:
    async with Receiver.open() as receiver:
        with elsewhere(tmp_path) as house, providing(house) as provider, ExitStack() as stack:
            pair = Pair(house, provider, receiver, stack)
            async with desk_at(pair.leader) as desk, desk_at(pair.standby) as successor, line_desk_at(provider) as line:
                await publish_and_bet(pair, provider, desk)
                voided = await desk.post("/v1/sportsbook/events/voided/void", {}, "voiding")
                assert voided.status_code == 200, voided.text
                await settled_bets(desk, "voided")
                async with stalled(house.dsn, DECIDING) as stall:
                    ruling = asyncio.create_task(desk.post("/v1/sportsbook/events/ruled/settle", AWAY_WON, "ruling"))
                    await stall.reached()
                    await line.finish("told", "home")
                    await pair.end_leader(stall, stands_still=stands_still)
                    await ready(successor)
                ruled = await successor.post("/v1/sportsbook/events/ruled/settle", AWAY_WON, "ruling")
                assert ruled.status_code == 200, ruled.text
                await line.finish("ruled", "home")
                if stands_still:
                    pair.wake_leader()
                with suppress(httpx2.HTTPError):
                    # Who stood still has booked nothing, and says so.
                    assert (await ruling).status_code == 503
                again = await successor.post("/v1/sportsbook/events/voided/void", {}, "voiding")
                assert (again.json(), again.headers["Idempotency-Replayed"]) == (voided.json(), "true")
                await check(pair, successor)
