"""kill −9 during placeOrders: the same request with the same customerRef tells what became of it, and places once."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.betfair.conftest import Floor, Program, limit
from tests.cli.program import Server, running
from tests.folders import passable_folder

ORDERS = 100
PLACE = "SportsAPING/v1.0/placeOrders"


@contextmanager
def _floor(data: Path) -> Generator[Floor]:
    with running(["serve", "--port", "0"], data) as server:
        headers = {"Authorization": f"Bearer {server.key}"}
        with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as desk:
            yield Floor(server, desk)


def _placed(program: Program, market: str) -> list[str]:
    """Return the ids of all orders of a program in a market."""
    told = program.call("SportsAPING/v1.0/listCurrentOrders", {"marketIds": [market]})["result"]
    assert not told["moreAvailable"]
    return [each["betId"] for each in told["currentOrders"]]


def _kill_during(server: Server, program: Program, params: Any, wait_s: float) -> dict[str, Any] | None:
    """Place orders, and kill the server after a while; return the answer if there was one."""
    answers: list[dict[str, Any]] = []

    def place() -> None:
        with suppress(httpx2.HTTPError):
            answers.append(program.call(PLACE, params))

    placing = threading.Thread(target=place)
    placing.start()
    time.sleep(wait_s)
    server.process.kill()
    placing.join()
    server.process.wait()
    return answers[0] if answers else None


@pytest.mark.parametrize("wait_s", [0.005, 0.03, 0.06, 0.3])
def test_a_repeated_request_places_its_orders_once(wait_s: float) -> None:
    with passable_folder() as folder:
        with _floor(folder / "data") as floor:
            ann = floor.program("100000.00")
            market = floor.market("Ann", "Bo")
            instructions = [limit(1, "BACK", 5.0, 2 + number) for number in range(ORDERS)]
            params = {"marketId": market, "instructions": instructions, "customerRef": "once"}
            answer = _kill_during(floor.server, ann, params, wait_s)
        with _floor(folder / "data") as floor:
            ann.url = floor.server.url
            before = _placed(ann, market)
            again = ann.call(PLACE, params)["result"]
            assert again["status"] == "SUCCESS"
            reported = [report["betId"] for report in again["instructionReports"]]
            assert (len(set(reported)), sorted(_placed(ann, market))) == (ORDERS, sorted(reported))
            assert set(before) <= set(reported)
            if answer is not None and "result" in answer:
                assert answer["result"] == again
            assert ann.call(PLACE, params)["result"] == again
            assert sorted(_placed(ann, market)) == sorted(reported)
