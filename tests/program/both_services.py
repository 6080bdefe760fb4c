"""The line provider and Evens as processes of their own, on one database, talking to each other over loopback."""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from tests.cli.program import Server, running
from tests.faults.desk import Desk, until_so
from tests.faults.elsewhere import Elsewhere
from tests.line_provider.conftest import in_s
from tests.waiting import PATIENCE_S

HOUR_S = 3600.0
MONEY = ("bank", "reserved", "fees", "rounding")


@contextmanager
def providing(house: Elsewhere, port: int = 0) -> Generator[Server]:
    """Start the line provider on the database, at the port that it had before if there was one."""
    folder = house.data.with_name("line")
    # Its log is beside Evens' own, and it says there why it does not start.
    with running(["line-provider", "--port", str(port)], folder, env={"DATABASE_URL": house.dsn}) as server:
        yield server


def port_of(server: Server) -> int:
    """Return the port at which a service listens."""
    return int(server.url.rpartition(":")[2])


def reading(provider: Server) -> dict[str, str]:
    """Return the settings with which Evens reads a provider."""
    key_file = provider.data / "line-provider.key"
    return {"EVENS_LINE_SOURCES": f"main=evens+{provider.url}", "EVENS_LINE_KEYS": f"main=@{key_file}"}


@dataclass(slots=True)
class LineDesk:
    """The operator of the line provider, who publishes matches and says how they ended."""

    http: httpx2.AsyncClient

    async def publish(self, event: str, title: str, odds: dict[str, str], **more: str) -> None:
        """Publish a match on whose selections one can bet for an hour."""
        selections = [{"key": key, "name": key.title(), "coefficient": each} for key, each in odds.items()]
        body = {"id": event, "title": title, "deadline": in_s(HOUR_S), "selections": selections, **more}
        answer = await self.http.post("/events", json=body)
        assert answer.status_code == 201, answer.text

    async def finish(self, event: str, winner: str) -> None:
        """Say who won; whoever is not named has lost."""
        results = [{"selection": winner, "result": "won"}]
        answer = await self.http.patch(f"/events/{event}", json={"status": "FINISHED", "results": results})
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def line_desk_at(provider: Server) -> AsyncGenerator[LineDesk]:
    """Open a desk with the provider's own key."""
    key = (provider.data / "line-provider.key").read_text().strip()
    limits = httpx2.Limits(max_connections=20, keepalive_expiry=2)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=provider.url, headers=headers, limits=limits, timeout=30) as http:
        yield LineDesk(http)


async def open_bank(desk: Desk, amount: str) -> None:
    """Pay into the house's bank."""
    answer = await desk.post("/v1/house/deposits", {"amount": amount, "currency": "USD"})
    assert answer.status_code == 201, answer.text


async def offered(desk: Desk, event: str) -> None:
    """Wait until one can bet on an event."""

    async def is_offered() -> bool:
        answer = await desk.http.get(f"/v1/sportsbook/events/{event}")
        return answer.status_code == 200 and not answer.json()["stale"]

    await until_so(is_offered)


async def bet(desk: Desk, customer: str, amount: str, *legs: tuple[str, str]) -> dict[str, Any]:
    """Place a single, or an accumulator of several legs, each an event and a selection; return it.

    A provider that is too busy to confirm its odds in time is asked again, as the refusal says: nothing was booked.
    """
    wanted = [{"event_id": event, "selection": selection} for event, selection in legs]
    body = {"legs": wanted, "amount": amount, "currency": "USD", "user_id": customer}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await desk.post("/v1/sportsbook/bets", body)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            assert answer.json()["code"] == "line_unavailable", answer.text
            await asyncio.sleep(float(answer.headers["Retry-After"]))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def bets_on(desk: Desk, event: str) -> dict[str, dict[str, Any]]:
    """Return all bets on an event, by id."""
    answer = await desk.http.get("/v1/sportsbook/bets", params={"event_id": event, "limit": "200"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return {each["id"]: each for each in answer.json()["items"]}


async def settled_bets(desk: Desk, event: str) -> dict[str, dict[str, Any]]:
    """Wait until no bet on an event is open, and return them by id."""
    while True:
        found = await bets_on(desk, event)
        if all(each["status"] != "open" for each in found.values()):
            return found


async def house_balance(desk: Desk) -> dict[str, Decimal]:
    """Return what the house has of its own in USD, and what it owes or is owed."""
    answer = await desk.http.get("/v1/house/balances")
    assert answer.status_code == 200, answer.text
    (usd,) = [each for each in answer.json()["items"] if each["currency"] == "USD"]
    return {name: Decimal(amount) for name, amount in usd.items() if name != "currency"}


def kill(server: Server) -> None:
    """kill −9."""
    os.kill(server.process.pid, 9)
    server.process.wait()


def log_of(folder: Path) -> str:
    """Return what a service on this folder has logged."""
    return folder.with_name(f"{folder.name}.stderr").read_text()
