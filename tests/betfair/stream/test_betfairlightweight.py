"""Unmodified betfairlightweight follows a real server over TLS: prices, orders, and after a kill with its clocks."""

import queue
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.betfair.conftest import Floor, Program, limit
from tests.cli.program import Server, running
from tests.folders import passable_folder

# The package asks for TLS in a way that Python would like to see no more. It is tried as it is.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS is deprecated:DeprecationWarning")

PATIENCE_S = 30.0
FIELDS = ["EX_ALL_OFFERS", "EX_BEST_OFFERS", "EX_TRADED", "EX_TRADED_VOL", "EX_LTP", "EX_MARKET_DEF"]

# It has no stubs.
streaming: Any = import_module("betfairlightweight.streaming")
SocketError: type[Exception] = import_module("betfairlightweight.exceptions").SocketError


@dataclass
class Following:
    """A stream of betfairlightweight in a thread of its own. ``ended`` is what ended it."""

    listener: Any
    stream: Any
    ended: "queue.Queue[Exception | None]" = field(default_factory=queue.Queue[Exception | None])

    def run(self) -> None:
        """Read until the connection ends."""
        try:
            self.stream.start()
        except SocketError as error:
            self.ended.put(error)
        else:
            self.ended.put(None)

    def until(self, holds: Callable[[Any], bool]) -> Any:
        """Wait until what was received is as expected, and return it: the first book or list of orders."""
        began = time.monotonic()
        while True:
            for found in self.listener.snap():
                if holds(found):
                    return found
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(0.01)


@contextmanager
def _following(
    program: Program, server: Server, subscribe: Callable[[Any], Any], listener: Any = None
) -> Generator[Following]:
    """Open a stream that is pointed at the server by its settings alone, subscribe, and read in a thread."""
    host, _, port = server.announced["betfair_stream"].partition(":")
    kept = streaming.BetfairStream.HOSTS, streaming.BetfairStream._BetfairStream__port
    streaming.BetfairStream.HOSTS = {None: host}
    streaming.BetfairStream._BetfairStream__port = int(port)
    try:
        listener = listener or streaming.StreamListener(max_latency=None)
        stream = program.api.streaming.create_stream(listener=listener, timeout=PATIENCE_S)
        subscribe(stream)
        following = Following(listener, stream)
        thread = threading.Thread(target=following.run)
        thread.start()
        try:
            yield following
        finally:
            stream.stop()
            thread.join()
    finally:
        streaming.BetfairStream.HOSTS, streaming.BetfairStream._BetfairStream__port = kept


def _prices(levels: Any) -> list[tuple[float, float]]:
    return [(level.price, level.size) for level in levels]


def _place(program: Program, market: str, *orders: dict[str, Any]) -> Any:
    report = program.api.betting.place_orders(market, list(orders))
    assert report.status == "SUCCESS", report
    return report


@contextmanager
def _floor(data: Path) -> Generator[Floor]:
    with running(["serve", "--port", "0"], data) as server:
        headers = {"Authorization": f"Bearer {server.key}"}
        with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as desk:
            floor = Floor(server, desk)
            yield floor
            for session in floor.sessions:
                session.close()


def test_a_book_is_what_list_market_book_says(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market("Ann", "Bo", "Cy")

    def subscribe(stream: Any) -> None:
        stream.subscribe_to_markets({"marketIds": [market]}, {"fields": FIELDS, "ladderLevels": 3}, heartbeat_ms=500)

    with _following(ann, floor.server, subscribe) as following:
        following.until(lambda book: book.status == "OPEN")
        _place(ann, market, limit(1, "BACK", 3.0, 10), limit(1, "BACK", 3.2, 5), limit(2, "LAY", 2.0, 8))
        _place(bob, market, limit(1, "LAY", 3.0, 4), limit(2, "BACK", 2.0, 8))
        book = following.until(lambda book: book.total_matched == 24)
        (asked,) = ann.api.betting.list_market_book([market], {"priceData": ["EX_ALL_OFFERS", "EX_TRADED"]})
        for told, known in zip(book.runners, asked.runners, strict=True):
            assert told.selection_id == known.selection_id
            assert told.status == known.status
            for name in ("available_to_back", "available_to_lay", "traded_volume"):
                assert _prices(getattr(told.ex, name)) == _prices(getattr(known.ex, name)), name
            assert (told.last_price_traded or None) == known.last_price_traded
        assert book.market_definition.runners[0].name == "Ann"
        floor.operate(market, "settle", {"winners": ["2"]})
        closed = following.until(lambda book: book.status == "CLOSED")
        assert [runner.status for runner in closed.runners] == ["LOSER", "WINNER", "LOSER"]


def test_orders_are_what_list_current_orders_says(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market("Ann", "Bo")
    with _following(ann, floor.server, lambda stream: stream.subscribe_to_orders()) as following:
        report = _place(ann, market, limit(1, "BACK", 3.0, 10, customerOrderRef="first"), limit(1, "BACK", 3.2, 5))
        _place(bob, market, limit(1, "LAY", 3.0, 4))
        bets = [each.bet_id for each in report.place_instruction_reports]
        assert ann.api.betting.cancel_orders(market, [{"betId": bets[1]}]).status == "SUCCESS"

        def told(orders: Any) -> bool:
            found = {order.bet_id: order for order in orders.orders}
            return bets[1] in found and found[bets[1]].size_cancelled == 5 and found[bets[0]].size_matched == 4

        orders = {order.bet_id: order for order in following.until(told).orders}
        (asked,) = ann.api.betting.list_current_orders(bet_ids=[bets[0]]).orders
        known = orders[bets[0]]
        for name in (
            "bet_id", "market_id", "selection_id", "side", "status", "persistence_type", "order_type",
            "average_price_matched", "size_matched", "size_remaining", "size_lapsed", "size_cancelled", "size_voided",
            "customer_order_ref", "placed_date", "matched_date",
        ):  # fmt: skip
            assert getattr(known, name) == getattr(asked, name), name
        assert orders[bets[1]].status == "EXECUTION_COMPLETE"


def test_clocks_lead_on_after_a_kill() -> None:
    with passable_folder() as folder:
        listener = streaming.StreamListener(max_latency=None)
        market, clocks = "", dict[str, str]()

        def subscribe(stream: Any) -> None:
            stream.subscribe_to_markets(
                {"marketIds": [market]}, {"fields": FIELDS}, segmentation_enabled=False, **clocks
            )

        with _floor(folder / "data") as floor:
            ann = floor.program()
            market = floor.market("Ann", "Bo")
            with _following(ann, floor.server, subscribe, listener) as following:
                _place(ann, market, limit(1, "BACK", 3.0, 10))
                following.until(lambda book: _prices(book.runners[0].ex.available_to_lay) == [(3.0, 10.0)])
                floor.server.process.kill()
                assert isinstance(following.ended.get(timeout=PATIENCE_S), SocketError)
        clocks = {"initial_clk": listener.initial_clk, "clk": listener.clk}
        with _floor(folder / "data") as floor:
            ann.api.identity_uri, ann.api.api_uri = f"{floor.server.url}/api/", f"{floor.server.url}/exchange/"
            with _following(ann, floor.server, subscribe, listener) as following:
                _place(ann, market, limit(1, "BACK", 3.2, 5))
                book = following.until(lambda book: len(book.runners[0].ex.available_to_lay) == 2)
                assert _prices(book.runners[0].ex.available_to_lay) == [(3.0, 10.0), (3.2, 5.0)]
