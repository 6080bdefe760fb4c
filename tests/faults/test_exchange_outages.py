"""Bad days at the exchange: too many orders at once, a database that goes and comes back, connections that are cut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from tests.cli.program import Server, running
from tests.faults.bettors import CASH, FINAL_STATUSES, Asked, Bettors, bettors_at
from tests.faults.desk import Desk, desk_at, ready, until, until_so
from tests.faults.elsewhere import elsewhere
from tests.faults.intact import assert_books_are_sound, assert_intact, orders_of, read_levels, total_of
from tests.faults.stalling import Place, cut_writers, stalled

pytestmark = pytest.mark.anyio

CUSTOMERS = 6
CAPACITY = 20
AT_ONCE = 100


@asynccontextmanager
async def _betting(desk: Desk, bettors: Bettors) -> AsyncGenerator[None]:
    """Let many bet meanwhile."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(bettors.bet_until(desk, stop, f"bettor-{number}"))
        await until(lambda: len(bettors.answered) >= 100)
        yield
        stop.set()


async def _assert_all_came_out_right(server: Server, desk: Desk, bettors: Bettors, at_once: int = 50) -> None:
    """Ask for everything again, and look at orders, book, trades, money and journal."""
    assert bettors.statuses.keys() <= FINAL_STATUSES | {503}
    await bettors.ask_again(desk, at_once)
    await assert_intact(desk, bettors)
    assert await total_of(desk, bettors.customers) == CUSTOMERS * Decimal(CASH)
    assert_books_are_sound(server)


def _order(bettors: Bettors, number: int) -> dict[str, str]:
    """Return orders of which many match each other."""
    side, odds = (("back", "2.00"), ("lay", "2.02"), ("back", "2.04"))[number % 3]
    return bettors.order(bettors.customers[number % CUSTOMERS], "1", side, odds, f"{1 + number % 4}.00")


def _single_or_batch(bettors: Bettors, number: int) -> Asked:
    if number % 10:
        return Asked("POST", "/v1/exchange/orders", _order(bettors, number))
    orders = [_order(bettors, number + place) for place in range(15)]
    return Asked("POST", "/v1/exchange/orders/batch", {"orders": orders})


async def _assert_refused_for_now(desk: Desk, key: str, answer: httpx2.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "overloaded"
    assert int(answer.headers["retry-after"]) >= 1
    assert (await desk.http.get(f"/v1/outcomes/{key}")).status_code == 404


async def test_too_many_orders_are_refused_for_now_and_leave_nothing_behind(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as house, house.open(EVENS_INBOX_CAPACITY=str(CAPACITY)) as server:
        async with desk_at(server, connections=2 * AT_ONCE) as desk:
            bettors = await bettors_at(desk, CUSTOMERS)
            for number in range(10):
                await bettors.do(
                    desk, f"before-{number}", Asked("POST", "/v1/exchange/orders", _order(bettors, number))
                )
            book = await read_levels(desk, bettors.market)

            async with stalled(house.dsn, Place("orders", "INSERT", "true")) as stall:
                rush = {f"rush-{number}": _single_or_batch(bettors, number) for number in range(AT_ONCE)}
                asking = [asyncio.create_task(bettors.ask(desk, key, asked)) for key, asked in rush.items()]
                await stall.reached()
                # At most one batch is being committed, one is decided, and as many orders wait as the inbox takes.
                await until(lambda: bettors.statuses[503] >= AT_ONCE - 3 * CAPACITY)
                assert await read_levels(desk, bettors.market) == book
            answers = dict(zip(rush, await asyncio.gather(*asking), strict=True))

            refused = {key: answer for key, answer in answers.items() if answer.status_code == 503}
            for key, answer in refused.items():
                await _assert_refused_for_now(desk, key, answer)
            assert {rush[key].path for key in refused} == {"/v1/exchange/orders", "/v1/exchange/orders/batch"}
            assert len(refused) < AT_ONCE
            await assert_intact(desk, bettors)
            await _assert_all_came_out_right(server, desk, bettors, at_once=1)


async def test_while_the_database_is_away_orders_are_refused_for_now_and_none_is_lost(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as house, house.open() as server:
        async with desk_at(server) as desk:
            bettors = await bettors_at(desk, CUSTOMERS)
            async with _betting(desk, bettors):
                house.stop()
                before = bettors.statuses[503]
                await until(lambda: bettors.statuses[503] >= before + 20)
                house.start()
                await ready(desk)
                before = len(bettors.answered)
                await until(lambda: len(bettors.answered) >= before + 50)
            await _assert_all_came_out_right(server, desk, bettors)


async def test_a_writer_that_is_cut_off_again_and_again_neither_loses_nor_doubles_an_order(tmp_path: Path) -> None:
    with elsewhere(tmp_path) as house, house.open() as server:
        async with desk_at(server) as desk:
            bettors = await bettors_at(desk, CUSTOMERS)
            async with _betting(desk, bettors):
                for _ in range(3):
                    assert await cut_writers(house.dsn) == 1
                    await ready(desk)
                    before = len(bettors.answered)
                    await until(lambda least=before + 20: len(bettors.answered) >= least)
            await _assert_all_came_out_right(server, desk, bettors)


async def test_an_order_whose_commit_nobody_heard_of_is_told_again_and_not_placed_twice(tmp_path: Path) -> None:
    """The database goes on with a commit whose server was killed; the next server waits until it is through."""
    with elsewhere(tmp_path) as house, house.open() as server:
        async with desk_at(server) as desk:
            bettors = await bettors_at(desk, CUSTOMERS)
            with ExitStack() as successor:
                async with stalled(house.dsn, Place("orders", "INSERT", "true")) as stall:
                    asked = Asked("POST", "/v1/exchange/orders", _order(bettors, 0))
                    asking = asyncio.create_task(bettors.ask(desk, "unheard", asked))
                    await stall.reached()
                    server.process.kill()
                    with pytest.raises(httpx2.HTTPError):
                        await asking
                    server.process.wait()
                    heir = successor.enter_context(house.open())
                async with desk_at(heir) as other_desk:
                    await ready(other_desk)
                    (order,) = await orders_of(other_desk, bettors.customers[0])
                    told = await bettors.ask(other_desk, "unheard", asked)
                    assert told.headers.get("Idempotency-Replayed") == "true"
                    assert told.json() == order
                    await _assert_all_came_out_right(heir, other_desk, bettors)


async def test_an_order_that_waits_for_its_bet_delay_outlives_its_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            bettors = await bettors_at(desk, CUSTOMERS, bet_delay_seconds=1)
            in_play = await desk.post(f"/v1/exchange/markets/{bettors.market}/in-play", {})
            assert in_play.status_code == 200, in_play.text
            for number in range(CUSTOMERS):
                placed = Asked("POST", "/v1/exchange/orders", _order(bettors, number))
                told = await bettors.do(desk, f"delayed-{number}", placed)
                assert told["delayed_until"] is not None
            server.process.kill()
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:

            async def released() -> bool:
                orders = [order for customer in bettors.customers for order in await orders_of(desk, customer)]
                return all(order["delayed_until"] is None for order in orders)

            await until_so(released)
            orders = await assert_intact(desk, bettors)
            assert any(Decimal(order["matched"]) for order in orders)
            await _assert_all_came_out_right(server, desk, bettors)
