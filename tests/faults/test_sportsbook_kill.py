"""kill −9 of the line provider or of Evens at any step from a result to its bets' money: each bet is settled once.

The provider's messages go to Evens through a door that the test keeps. When it hears of a match's end it does what the
test wants: lets the message through or loses it, and kills either side before or after. The steps are these:

    finish ──► message ──► Evens decides ──► Evens books, in parts ──► answer ──► the provider notes that
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from tests.cli.program import Server, run
from tests.faults.desk import Desk, desk_at, until_so
from tests.faults.elsewhere import Elsewhere, elsewhere
from tests.faults.stalling import LOCK, Place, stalled
from tests.jobs.receiver import Receiver, Reply, Request
from tests.program.both_services import (
    bet,
    house_balance,
    kill,
    line_desk_at,
    offered,
    open_bank,
    port_of,
    providing,
    reading,
    settled_bets,
)

pytestmark = pytest.mark.anyio

ODDS = {"home": "2.50", "draw": "3.20", "away": "2.90"}
CASH = Decimal(1000)
BANK = Decimal(1000)
WON = Decimal("15.00")
"""What 10.00 on the winner brings."""

ENDED = '"event_finished"'
STAGES = (
    Place("market_results", "INSERT", "true"),
    Place("singles_settled", "INSERT", "true"),
    Place("fixture_markets", "UPDATE", "new.stage = 0 AND new.settlement = 1 AND old.stage <> 0"),
)
_ALL_AT_ONCE = "UPDATE line_provider.deliveries SET due_at = now() WHERE status = 'due'"
_WAITING = "SELECT count(*) FROM line_provider.deliveries WHERE status = 'due'"
_SETTLED_ONCE = """
SELECT f.key, count(*), count(DISTINCT s.customer), max(s.settlement)
FROM evens.singles_settled AS s JOIN evens.fixtures AS f ON f.id = s.fixture GROUP BY f.key
"""
_CONFLICTS = "SELECT count(*) FROM evens.conflicts"

Heard = Callable[["Houses", Request], Awaitable[Reply]]


class Houses:
    """Both services, either of which can be killed and started again, and the door between them."""

    def __init__(self, house: Elsewhere, receiver: Receiver) -> None:
        self._house = house
        self._receiver = receiver
        self._running = ExitStack()
        self.provider: Server
        self.evens: Server
        self._port = 0
        self.heard: Heard = through
        receiver.behave = self._behave

    @contextmanager
    def open(self) -> Generator["Houses"]:
        """Start both."""
        with self._running:
            self.start_provider()
            self.start_evens()
            yield self

    def start_provider(self) -> None:
        """Start the provider where it was."""
        self.provider = self._running.enter_context(providing(self._house, self._port))
        self._port = port_of(self.provider)

    def start_evens(self) -> None:
        """Start Evens, whose address in the provider's eyes is the door."""
        settings = reading(self.provider) | {"EVENS_PUBLIC_URL": f"http://127.0.0.1:{self._receiver.port}"}
        self.evens = self._running.enter_context(self._house.open(**settings))

    async def pass_on(self, request: Request) -> Reply:
        """Take a message to Evens, and bring back what it answers; 503 if it is not there."""
        headers = {
            name: each for name, each in request.headers.items() if name.startswith(("webhook-", "content-type"))
        }
        try:
            async with httpx2.AsyncClient(timeout=30) as http:
                answer = await http.post(self.evens.url + request.path, content=request.body.encode(), headers=headers)
        except httpx2.HTTPError:
            return Reply(503)
        return Reply(answer.status_code)

    async def tidy(self) -> None:
        """Start again what was killed."""
        if self.provider.process.poll() is not None:
            await asyncio.to_thread(self.start_provider)
        if self.evens.process.poll() is not None:
            await asyncio.to_thread(self.start_evens)

    async def _behave(self, request: Request) -> Reply:
        if ENDED not in request.body:
            return await self.pass_on(request)
        return await self.heard(self, request)


async def through(houses: Houses, request: Request) -> Reply:
    """Let a message through."""
    return await houses.pass_on(request)


async def lost(_houses: Houses, _request: Request) -> Reply:
    """Let the provider believe that a message has come through, which it has not."""
    return Reply(204)


async def provider_dies_before(houses: Houses, _request: Request) -> Reply:
    """Kill the provider when it has said how a match ended, and nobody has heard it."""
    kill(houses.provider)
    return Reply(503)


async def provider_dies_after(houses: Houses, request: Request) -> Reply:
    """Kill the provider when Evens has booked the result, and before it is told so."""
    reply = await houses.pass_on(request)
    kill(houses.provider)
    return reply


async def evens_dies_before(houses: Houses, _request: Request) -> Reply:
    """Kill Evens before it hears the message."""
    kill(houses.evens)
    return Reply(503)


async def evens_dies_after(houses: Houses, request: Request) -> Reply:
    """Kill Evens once it has booked the result, and lose its answer."""
    assert (await houses.pass_on(request)).status == 204
    kill(houses.evens)
    return Reply(503)


async def evens_dies_meanwhile(houses: Houses, request: Request) -> Reply:
    """Kill Evens when it has the message, and nobody knows how far it has come."""
    passing = asyncio.create_task(houses.pass_on(request))
    await asyncio.sleep(0.005)
    kill(houses.evens)
    await passing
    return Reply(503)


async def evens_dies_and_the_message_is_lost(houses: Houses, _request: Request) -> Reply:
    """Kill Evens, and let the provider believe that it was told."""
    kill(houses.evens)
    return Reply(204)


async def both_die(houses: Houses, request: Request) -> Reply:
    """Kill both when the result is booked."""
    reply = await houses.pass_on(request)
    kill(houses.evens)
    kill(houses.provider)
    return reply


WITHOUT_EVENS_DYING: tuple[Heard, ...] = (lost, provider_dies_before, provider_dies_after)
WITH_EVENS_DYING: tuple[Heard, ...] = (
    evens_dies_before,
    evens_dies_meanwhile,
    evens_dies_after,
    evens_dies_and_the_message_is_lost,
    both_die,
)


class Round:
    """Matches on which three customers bet, one on each outcome, and of which home wins every one."""

    def __init__(self, house: Elsewhere, houses: Houses, customers: list[str]) -> None:
        self.house = house
        self.houses = houses
        self.customers = customers
        self.matches = 0

    async def play(self, heard: Heard) -> None:
        """Have a match published, bet on and finished, with something happening when its end is told; it is settled."""
        self.matches += 1
        event, houses = f"m-{self.matches}", self.houses
        async with line_desk_at(houses.provider) as line, desk_at(houses.evens) as desk:
            await line.publish(event, f"Match {self.matches}", ODDS)
            await offered(desk, event)
            for customer, name in zip(self.customers, ODDS, strict=True):
                await bet(desk, customer, "10.00", (event, name))
            happened = asyncio.Event()

            async def hear(houses: Houses, request: Request) -> Reply:
                # From now on messages come through, also while what was killed is starting.
                houses.heard = through
                try:
                    return await heard(houses, request)
                finally:
                    happened.set()

            houses.heard = hear
            with suppress(httpx2.HTTPError):
                # The provider may be dead before it has answered; the message says that it has noted the result.
                await line.finish(event, "home")
            await asyncio.wait_for(happened.wait(), 30)
        await self.settled(event)

    async def settled(self, event: str) -> None:
        """Start again what is not there, and wait until everybody is paid."""
        await self.houses.tidy()
        async with desk_at(self.houses.evens) as desk:
            # Whoever looks at the line has Evens read it: what no message told is found then, and not a minute later.
            await offered_or_over(desk, event)
            for each in (await settled_bets(desk, event)).values():
                has_won = each["legs"][0]["selection"] == "home"
                assert (each["status"], each["payout"]) == (("won", "25.00") if has_won else ("lost", "0.00"))
            await self.check_money(desk)

    async def check_money(self, desk: Desk) -> None:
        """Everybody has what the matches so far brought, to the cent."""
        changes = (WON * self.matches, -10 * self.matches, -10 * self.matches)
        for customer, change in zip(self.customers, changes, strict=True):
            assert Decimal(await desk.cash(customer)) == CASH + change

        async def is_booked() -> bool:
            balance = await house_balance(desk)
            return (balance["bank"], balance["reserved"]) == (BANK - sum(changes), 0)

        await until_so(is_booked)

    async def repeat(self) -> None:
        """Have every message that is not known to have come through sent again, and wait until all have."""
        self.houses.heard = through

        async def all_told() -> bool:
            await self.house.rows(_ALL_AT_ONCE)
            return await self.house.rows(_WAITING) == [(0,)]

        await until_so(all_told)

    async def check(self) -> None:
        """Each bet was settled once, nothing contradicts, and the audit is clean."""
        await self.repeat()
        async with desk_at(self.houses.evens) as desk:
            await self.check_money(desk)
        once = {(f"m-{number + 1}", 3, 3, 1) for number in range(self.matches)}
        assert set(await self.house.rows(_SETTLED_ONCE)) == once
        assert await self.house.rows(_CONFLICTS) == [(0,)]
        audited = run("audit", "--data", str(self.house.data), "--json", env={"DATABASE_URL": self.house.dsn})
        assert audited.code == 0, audited


async def offered_or_over(desk: Desk, event: str) -> None:
    """Have the line read until Evens knows that an event is over."""

    async def is_over() -> bool:
        answer = await desk.http.get(f"/v1/sportsbook/events/{event}")
        return answer.status_code == 200 and answer.json()["status"] == "finished"

    await until_so(is_over)


@asynccontextmanager
async def round_of_matches(folder: Path) -> AsyncGenerator[Round]:
    """Start both services, with customers and a bank."""
    async with Receiver.open() as receiver:
        with elsewhere(folder) as house, Houses(house, receiver).open() as houses:
            async with desk_at(houses.evens) as desk:
                customers = await desk.customers(len(ODDS), str(CASH))
                await open_bank(desk, str(BANK))
            yield Round(house, houses, customers)


@pytest.mark.parametrize("moments", [WITHOUT_EVENS_DYING, WITH_EVENS_DYING], ids=["provider", "evens"])
async def test_whoever_dies_when_a_result_is_told_each_bet_is_settled_once(
    tmp_path: Path, moments: tuple[Heard, ...]
) -> None:
    async with round_of_matches(tmp_path) as played:
        for heard in moments:
            await played.play(heard)
        await played.check()


async def test_a_house_that_dies_while_it_settles_goes_on_by_itself(tmp_path: Path) -> None:
    async with round_of_matches(tmp_path) as played:
        for place in STAGES:
            async with stalled(played.house.dsn, place) as stall:

                async def dies(houses: Houses, request: Request) -> Reply:
                    passing = asyncio.create_task(houses.pass_on(request))
                    await stall.reached()
                    kill(houses.evens)
                    await passing
                    await stall.roll_back()
                    await stall.ask("SELECT pg_advisory_unlock($1)", LOCK)
                    return Reply(503)

                await played.play(dies)
        await played.check()
