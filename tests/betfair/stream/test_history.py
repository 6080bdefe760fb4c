"""A settled market's file of historic data: replayed by betfairlightweight, it gives the books as they were."""

import bz2
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.betfair.conftest import Floor, Program, limit

streaming: Any = import_module("betfairlightweight.streaming")
stream_decode: Any = import_module("betfair_parser.spec.streaming").stream_decode


def _books(api: Any, file: Path) -> list[Any]:
    """Return the market's book after every line, as betfairlightweight's simulation has it."""
    listener = streaming.StreamListener(max_latency=None)
    listener.register_stream(0, "marketSubscription")
    found: list[Any] = []
    with bz2.open(file) if file.suffix == ".bz2" else file.open("rb") as lines:
        for text in lines:
            stream_decode(text)
            listener.on_data(text.decode())
            found += listener.snap()
    return found


def _prices(levels: Any) -> list[tuple[float, float]]:
    return [(level.price, level.size) for level in levels]


def _played(floor: Floor, ann: Program, bob: Program) -> tuple[str, list[Any]]:
    """Play a market to its end; return it, and what listMarketBook said in between."""
    market, seen = floor.market("Ann", "Bo", "Cy"), list[Any]()

    def look() -> None:
        (book,) = ann.api.betting.list_market_book([market], {"priceData": ["EX_ALL_OFFERS", "EX_TRADED"]})
        seen.append(book)

    for program, orders in (
        (ann, [limit(1, "BACK", 3.0, 10), limit(2, "LAY", 2.0, 8)]),
        (bob, [limit(1, "LAY", 3.0, 4)]),
        (bob, [limit(2, "BACK", 2.0, 8), limit(3, "LAY", 5.0, 6)]),
    ):
        assert program.api.betting.place_orders(market, orders).status == "SUCCESS"
        look()
    floor.operate(market, "in-play")
    look()
    floor.operate(market, "runners/3/remove", {"reduction_bps": 500})
    look()
    floor.operate(market, "settle", {"winners": ["2"]})
    look()
    return market, seen


@pytest.mark.parametrize("name", ["market.jsonl", "market.bz2"])
def test_the_replayed_books_are_those_that_were(
    floor: Floor, ann: Program, bob: Program, tmp_path: Path, name: str
) -> None:
    market, seen = _played(floor, ann, bob)
    file = tmp_path / name
    report = floor.server.ask("export", "betfair", market, str(file))
    assert report["bytes"] == file.stat().st_size
    books = _books(ann.api, file)
    assert report["lines"] == len(books) >= len(seen)
    replayed = iter(books)
    for book in seen:
        # Each book that was seen comes up, in its order.
        assert any(_same(book, told) for told in replayed), book._data
    assert books[-1].status == "CLOSED"
    assert [runner.status for runner in books[-1].runners] == ["LOSER", "WINNER", "REMOVED"]
    assert [book.publish_time for book in books] == sorted(book.publish_time for book in books)


def _same(book: Any, told: Any) -> bool:
    return (book.status, book.inplay, book.version, book.total_matched) == (
        told.status, told.inplay, told.version, told.total_matched,
    ) and all(
        _prices(getattr(one.ex, name)) == _prices(getattr(other.ex, name))
        for one, other in zip(book.runners, told.runners, strict=True)
        for name in ("available_to_back", "available_to_lay", "traded_volume")
    )  # fmt: skip


def test_what_cannot_be_exported_is_refused_and_leaves_no_file(
    floor: Floor, ann: Program, bob: Program, tmp_path: Path
) -> None:
    market = floor.market()
    for named, why in ((market, "not settled"), ("1.999999", "no market"), ("cup", "no market's id")):
        ended = floor.server.call("export", "betfair", named, str(tmp_path / "file.bz2"), "--json")
        assert ended.code == 1, ended
        assert why in ended.out + ended.err
    assert list(tmp_path.iterdir()) == []
    settled, _ = _played(floor, ann, bob)
    taken = tmp_path / "file.jsonl"
    taken.write_text("mine")
    assert floor.server.call("export", "betfair", settled, str(taken)).code == 1
    assert taken.read_text() == "mine"


def test_a_line_is_what_betfair_would_have_recorded(floor: Floor, ann: Program, bob: Program, tmp_path: Path) -> None:
    market, _ = _played(floor, ann, bob)
    floor.server.ask("export", "betfair", market, str(tmp_path / "file.jsonl"))
    lines = [json.loads(text) for text in (tmp_path / "file.jsonl").read_text().splitlines()]
    assert all(line.keys() == {"op", "clk", "pt", "mc"} for line in lines)
    assert "marketDefinition" in lines[0]["mc"][0]
    assert all(not {"img", "con"} & line["mc"][0].keys() for line in lines)
