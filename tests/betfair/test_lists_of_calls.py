"""Every call of a list counts like a request of its own."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.betfair.conftest import Floor, Program
from tests.betfair.test_bad_input import BETTING, CATALOGUE, code_of
from tests.cli.program import running
from tests.folders import passable_folder

BOOK = "SportsAPING/v1.0/listMarketBook"
PLACE = "SportsAPING/v1.0/placeOrders"
REPLACE = "SportsAPING/v1.0/replaceOrders"
PER_MINUTE = 150


def test_each_call_of_a_list_counts() -> None:
    call: Any = {"jsonrpc": "2.0", "method": CATALOGUE, "params": {"filter": {}, "maxResults": 1}, "id": 1}
    limit = {"EVENS_REQUESTS_PER_MINUTE": str(PER_MINUTE)}
    with passable_folder() as folder, running(["serve", "--port", "0"], folder / "data", limit) as server:
        with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}) as desk:
            user_id = Floor(server, desk).server.customer("ann", USD="1.00")
            body = {"role": "customer", "user_id": user_id, "name": "ann"}
            program = Program("ann", desk.post("/v1/api-keys", json=body).json()["key"], server.url, user_id)
        stranger = Program("nobody", "", server.url, "")
        for who, expected in ((program, "result"), (stranger, "NO_SESSION")):
            told = Counter(
                "result" if "result" in answer else code_of(answer)
                for _ in range(2)
                for answer in who.post(BETTING, 100 * [call]).json()
            )
            assert told == {expected: PER_MINUTE, "TOO_MANY_REQUESTS": 200 - PER_MINUTE}


@contextmanager
def counting(per_minute: int) -> Generator[tuple[Floor, Program]]:
    """Run a server that lets each caller through so many times a minute; yield its floor and a customer's program."""
    limit = {"EVENS_REQUESTS_PER_MINUTE": str(per_minute)}
    with (
        passable_folder() as folder,
        running(["serve", "--port", "0"], folder / "data", limit) as server,
        httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}) as desk,
    ):
        user_id = server.customer("ann", USD="1000.00")
        body = {"role": "customer", "user_id": user_id, "name": "ann"}
        program = Program("ann", desk.post("/v1/api-keys", json=body).json()["key"], server.url, user_id)
        yield Floor(server, desk), program


def told_of(answer: Any) -> str:
    """Say whether a call has a result, or why it has none."""
    return "result" if "result" in answer else code_of(answer)


def test_each_order_counts_where_sets_are_searched_for() -> None:
    with counting(PER_MINUTE) as (floor, program):
        orders = 100 * [
            {"selectionId": 1, "side": "BACK", "orderType": "LIMIT", "limitOrder": {"price": 2.0, "size": 5}}
        ]
        told: list[str] = []
        for crossing in (False, True):
            market = floor.market("Ann", "Bo", "Cy", cross_matching=crossing)
            asked = {"marketId": market, "instructions": orders}
            told += [told_of(program.call(PLACE, asked)) for _ in range(2)]
        assert told == ["result", "result", "result", "TOO_MANY_REQUESTS"]


def test_each_order_counts_that_is_replaced_where_sets_are_searched_for() -> None:
    with counting(PER_MINUTE) as (floor, program):
        order = {"selectionId": 1, "side": "BACK", "orderType": "LIMIT", "limitOrder": {"price": 2.0, "size": 5}}
        told: list[str] = []
        for crossing in (False, True):
            market = floor.market("Ann", "Bo", "Cy", cross_matching=crossing)
            answer = program.call(PLACE, {"marketId": market, "instructions": 40 * [order]})
            for price in (3.0, 4.0, 5.0):
                reports = answer["result"]["instructionReports"]
                bets = [each.get("placeInstructionReport", each)["betId"] for each in reports]
                instructions = [{"betId": bet, "newPrice": price} for bet in bets]
                answer = program.call(REPLACE, {"marketId": market, "instructions": instructions})
                told.append(told_of(answer))
        # Four, three times forty, and no room for forty more.
        assert told == [*5 * ["result"], "TOO_MANY_REQUESTS"]


def test_each_runner_counts_whose_prices_with_sets_are_asked_for() -> None:
    with counting(20) as (floor, program):
        market = floor.market("Ann", "Bo", "Cy", cross_matching=True)
        told: list[str] = []
        for virtualise in (False, True, True):
            prices = {"priceData": ["EX_BEST_OFFERS"], "virtualise": virtualise}
            told.append(told_of(program.call(BOOK, {"marketIds": [market], "priceProjection": prices})))
        # One, ten, and no room for ten more.
        assert told == ["result", "result", "TOO_MANY_REQUESTS"]
