"""Unmodified flumine's simulation of an exported market has the books that were."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.betfair.conftest import Floor, Program, limit
from tests.betfair.flumine import replayed
from tests.cli.program import run

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "betfair_stream_1.197931750.jsonl"

MESSAGES = 6
"""How many messages of the recorded market are played as they were: each is some forty orders changed one by one."""

Book = dict[str, Any]


def _asked(program: Program, market: str) -> Book:
    """Return what listMarketBook says, as far as a replay has it."""
    prices = {"priceData": ["EX_ALL_OFFERS", "EX_TRADED"]}
    (book,) = program.api.betting.list_market_book([market], prices, lightweight=True)
    return _known(book)


def _known(book: Book) -> Book:
    runners = [{name: runner[name] for name in ("selectionId", "status", "ex")} for runner in book["runners"]]
    return {name: book[name] for name in ("status", "inplay", "version", "totalMatched")} | {"runners": runners}


def _require_same(seen: Iterable[Book], file: Path) -> list[Book]:
    """Require that the books that were seen come up in a replay, in their order; return the replay."""
    books = [_known(book) for book in replayed(file)]
    told: Iterator[Book] = iter(books)
    for number, book in enumerate(seen):
        assert any(book == each for each in told), (number, book)
    return books


def _export(floor: Floor, market: str, file: Path) -> Path:
    floor.server.ask("export", "betfair", market, str(file))
    return file


def test_a_market_of_ours_is_replayed_as_it_was(floor: Floor, ann: Program, bob: Program, tmp_path: Path) -> None:
    market, seen = floor.market("Ann", "Bo", "Cy"), list[Book]()
    steps: list[Callable[[], Any]] = [
        lambda: ann.api.betting.place_orders(market, [limit(1, "BACK", 3.0, 10), limit(2, "LAY", 2.0, 8)]),
        lambda: bob.api.betting.place_orders(market, [limit(1, "LAY", 3.0, 4)]),
        lambda: bob.api.betting.place_orders(market, [limit(2, "BACK", 2.0, 8), limit(3, "LAY", 5.0, 6)]),
        lambda: floor.operate(market, "suspend"),
        lambda: floor.operate(market, "resume"),
        lambda: floor.operate(market, "in-play"),
        lambda: bob.api.betting.place_orders(market, [limit(1, "BACK", 2.5, 2.22)]),
        lambda: floor.operate(market, "runners/3/remove", {"reduction_bps": 500}),
        lambda: floor.operate(market, "settle", {"winners": ["2"]}),
    ]
    for step in steps:
        step()
        seen.append(_asked(ann, market))
    books = _require_same(seen, _export(floor, market, tmp_path / "market.bz2"))
    assert books[-1] == seen[-1]
    assert [runner["status"] for runner in books[-1]["runners"]] == ["LOSER", "WINNER", "REMOVED"]


def _shortened(file: Path) -> Path:
    """Write the first messages of the recorded market, and what was said of its state after them."""
    with RECORDED.open() as lines:
        messages = [json.loads(line) for line in lines]
    later = [message for message in messages[MESSAGES:] if "marketDefinition" in message["mc"][0]]
    for message in later:
        message["mc"][0].pop("rc", None)
    file.write_text("".join(json.dumps(message) + "\n" for message in messages[:MESSAGES] + later))
    return file


class Punter:
    """Bets against a market of quoted prices while they change."""

    def __init__(self, floor: Floor, program: Program) -> None:
        self._floor = floor
        self.program = program
        self._known = self._markets()
        self.market: str | None = None
        self.seen: list[Book] = []

    def _markets(self) -> set[str]:
        return {market["id"] for market in self._floor.desk.get("/v1/exchange/markets").json()["items"]}

    def bet(self) -> None:
        """Look at the market, once it is there, and take a little of the best price of one of its runners."""
        if self.market is None:
            opened = self._markets() - self._known
            self.market = "1." + opened.pop().removeprefix("mkt_") if opened else None
            return
        book = _asked(self.program, self.market)
        if book not in self.seen[-1:]:
            self.seen.append(book)
        runner = book["runners"][len(self.seen) % len(book["runners"])]
        for side, offers in (("BACK", "availableToBack"), ("LAY", "availableToLay")):
            if book["status"] == "OPEN" and runner["ex"][offers] and len(self.seen) % 2 == (side == "BACK"):
                order = limit(runner["selectionId"], side, runner["ex"][offers][0]["price"], 1.37)
                self.program.api.betting.place_orders(self.market, [order])


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded market is not here")
def test_a_recorded_market_is_traded_against_and_replayed(floor: Floor, tmp_path: Path) -> None:
    punter = Punter(floor, floor.program("100000.00"))
    command = ("import", "betfair", str(_shortened(tmp_path / "recorded.jsonl")), "--speed", "0", "--json")
    with ThreadPoolExecutor() as threads:
        importing = threads.submit(run, *command, "--data", str(floor.server.data))
        while not importing.done():
            punter.bet()
        ended = importing.result()
    assert ended.code == 0, ended
    market = "1." + ended.document["market_id"].removeprefix("mkt_")
    assert (punter.market, ended.document["status"]) == (market, "settled")
    last = _asked(punter.program, market)
    assert last["totalMatched"] > 0
    books = _require_same(
        punter.seen if last in punter.seen[-1:] else [*punter.seen, last],
        _export(floor, market, tmp_path / "market.bz2"),
    )
    assert books[-1] == last
    assert len(books) > len(punter.seen)
