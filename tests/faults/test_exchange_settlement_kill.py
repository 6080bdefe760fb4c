"""kill −9 in the middle of settling thousands of orders: it goes on by itself, to the very same balances."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from evens.core.exchange.parts import CUSTOMERS_PER_CHUNK
from tests.cli.program import Server
from tests.faults.bettors import CASH, RUNNERS, open_market
from tests.faults.desk import Desk, desk_at, ready
from tests.faults.elsewhere import Elsewhere, elsewhere
from tests.faults.intact import assert_books_are_sound, balance_of, settled
from tests.faults.stalling import Place, stalled

pytestmark = pytest.mark.anyio

CUSTOMERS = 400
ORDERS = 3_000
ODDS = ("1.80", "1.95", "2.00", "2.05", "2.40")

_BOOKED = "(SELECT count(*) FROM evens.settlements AS s WHERE s.market = new.market AND s.settlement = new.settlement)"
_LAPSED = "(SELECT count(*) FROM evens.orders AS o WHERE o.market = new.market AND o.lapsed > 0)"
IN_THE_MIDDLE = Place("settlements", "INSERT", f"{_BOOKED} >= {CUSTOMERS // 2}")
AT_THE_END = Place("markets", "UPDATE", "new.status = 5")
WHILE_BOOKING = (
    Place("settlements", "INSERT", "true"),
    IN_THE_MIDDLE,
    Place("settlements", "INSERT", f"{_BOOKED} >= {CUSTOMERS - CUSTOMERS_PER_CHUNK}"),
    AT_THE_END,
)
EVERYWHERE = (
    Place("orders", "UPDATE", "new.lapsed > 0"),
    Place("orders", "UPDATE", f"new.lapsed > 0 AND {_LAPSED} >= 150"),
    Place("markets", "UPDATE", "new.stage = 3"),
    *WHILE_BOOKING,
)

_HALF_DONE = """
SELECT m.stage > 0 AND m.status = 4 AND
    (SELECT count(*) FROM evens.settlements AS s WHERE s.market = m.id AND s.settlement = m.settlement) < $1
FROM evens.markets AS m ORDER BY m.id DESC LIMIT 1
"""
_ORDERS = """
SELECT customer, runner, side, odds, stake, matched, matched_value, cancelled, lapsed, remaining
FROM evens.orders WHERE market = (SELECT id FROM evens.markets ORDER BY id LIMIT 1 OFFSET $1) ORDER BY id
"""

Wealth = Mapping[str, Decimal]


async def _customers(desk: Desk) -> list[str]:
    registered = await asyncio.gather(*(desk.customers(1, CASH, f"holder-{n}-") for n in range(CUSTOMERS)))
    return sorted([customer for (customer,) in registered])


async def _market_with_orders(desk: Desk, customers: Sequence[str]) -> str:
    """Open a market and have the same orders placed in it as in every other."""
    market = await open_market(desk)
    chance = random.Random(5)
    orders = [
        {
            "market_id": market,
            "runner_id": chance.choice(RUNNERS),
            "side": chance.choice(("back", "lay")),
            "odds": chance.choice(ODDS),
            "stake": f"{chance.randrange(1, 20)}.{chance.randrange(100):02}",
            "user_id": chance.choice(customers),
        }
        for _ in range(ORDERS)
    ]
    for first in range(0, ORDERS, 200):
        answer = await desk.post("/v1/exchange/orders/batch", {"orders": orders[first : first + 200]})
        assert answer.status_code == 200, answer.text
    return market


async def _wealth(desk: Desk, customers: Sequence[str]) -> Wealth:
    balances = await asyncio.gather(*(balance_of(desk, customer) for customer in customers))
    assert all(balance["escrow"] == 0 for balance in balances)
    return {customer: balance["total"] for customer, balance in zip(customers, balances, strict=True)}


def _change(before: Wealth, after: Wealth) -> Wealth:
    return {customer: after[customer] - before[customer] for customer in before}


async def _settle(desk: Desk, market: str, winner: str, *, correction: bool = False) -> None:
    body = {"winners": [winner], "correction": correction}
    answer = await desk.post(f"/v1/exchange/markets/{market}/settle", body, f"settle-{market}-{winner}")
    assert answer.status_code == 200, answer.text


@dataclass(frozen=True, slots=True)
class Expected:
    """A market full of orders, what its customers had before them, and what settling makes of that."""

    market: str
    before: Wealth
    change: Wealth


async def _undisturbed(house: Elsewhere) -> Expected:
    """Settle a market, see what it makes of its customers' money, and have the same orders placed in another."""
    with house.open() as server:
        async with desk_at(server) as desk:
            customers = await _customers(desk)
            before = await _wealth(desk, customers)
            market = await _market_with_orders(desk, customers)
            await _settle(desk, market, "1")
            await settled(desk, market)
            after = await _wealth(desk, customers)
            assert len(set(_change(before, after).values())) > CUSTOMERS // 2
            return Expected(await _market_with_orders(desk, customers), after, _change(before, after))


async def _nothing_to_ask(_desk: Desk) -> None:
    """Let the house go on by itself."""


async def _kill_at(house: Elsewhere, place: Place, ask: Callable[[Desk], Awaitable[None]] = _nothing_to_ask) -> None:
    """Start a server, let it work up to a place, and kill it there: what it was about to commit never happened."""
    async with stalled(house.dsn, place) as stall:
        with house.open() as server:
            async with desk_at(server) as desk:
                await ask(desk)
                await stall.reached()
                server.process.kill()
        await stall.roll_back()
        assert await stall.ask(_HALF_DONE, CUSTOMERS + (place is AT_THE_END))


@contextlib.asynccontextmanager
async def _succeeded(house: Elsewhere, place: Place) -> AsyncGenerator[Server]:
    """Kill a server whose commit the database still works on, and have the next one wait until it is through."""
    with contextlib.ExitStack() as successor:
        async with stalled(house.dsn, place) as stall:
            with house.open() as server:
                await stall.reached()
                server.process.kill()
            heir = successor.enter_context(house.open())
            async with desk_at(heir) as desk:
                assert (await desk.http.get("/readyz")).status_code == 503
                assert await stall.ask(_HALF_DONE, CUSTOMERS + 1)
        async with desk_at(heir) as desk:
            await ready(desk)
        yield heir


async def _assert_settled_as_undisturbed(house: Elsewhere, server: Server, expected: Expected) -> None:
    """Ask for nothing, wait until the market is settled, and hold it against the other one."""
    async with desk_at(server) as desk:
        await settled(desk, expected.market)
        assert _change(expected.before, await _wealth(desk, list(expected.before))) == expected.change
        assert await house.rows(_ORDERS, 1) == await house.rows(_ORDERS, 0)
        again = await desk.post(f"/v1/exchange/markets/{expected.market}/settle", {"winners": ["1"]})
        assert again.json()["code"] == "already_settled"
    assert_books_are_sound(server)


async def test_a_settlement_whose_servers_are_killed_goes_on_by_itself_to_the_same_balances(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as house:
        expected = await _undisturbed(house)
        await _kill_at(house, IN_THE_MIDDLE, lambda desk: _settle(desk, expected.market, "1"))
        async with _succeeded(house, AT_THE_END) as server:
            await _assert_settled_as_undisturbed(house, server, expected)


@pytest.mark.soak
async def test_a_settlement_and_its_correction_can_be_killed_anywhere(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as house:
        expected = await _undisturbed(house)
        market = expected.market
        await _kill_at(house, EVERYWHERE[0], lambda desk: _settle(desk, market, "2"))
        for place in EVERYWHERE[1:]:
            await _kill_at(house, place)
        with house.open() as server:
            async with desk_at(server) as desk:
                await settled(desk, market)
                assert _change(expected.before, await _wealth(desk, list(expected.before))) != expected.change
        await _kill_at(house, WHILE_BOOKING[0], lambda desk: _settle(desk, market, "1", correction=True))
        for place in WHILE_BOOKING[1:]:
            await _kill_at(house, place)
        with house.open() as server:
            await _assert_settled_as_undisturbed(house, server, expected)
