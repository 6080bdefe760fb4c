"""`evens import betfair`: the market that is played has the recorded prices, and ends as the recorded one did."""

import bz2
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from evens.core.values.betting import Side
from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.recording import Recording
from evens.edges.cli.server_file import Target
from tests.cli.program import Server

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "betfair_stream_1.197931750.jsonl"


def definition(status: str = "OPEN", *, in_play: bool = False, ends: tuple[str, str] = ("ACTIVE", "ACTIVE")) -> Any:
    """Return a market's definition with two runners."""
    return {
        "marketTime": "2030-01-01T12:00:00.000Z", "status": status, "inPlay": in_play, "numberOfWinners": 1,
        "marketBaseRate": 5.0, "marketType": "WIN", "name": "Greyhounds",
        "runners": [
            {"id": 70 + number, "sortPriority": number, "status": end, "name": f"Dog {number}"}
            for number, end in enumerate(ends, 1)
        ],
    }  # fmt: skip


def lines(*entries: Any) -> bytes:
    """Return a file with a line for each entry."""
    messages = (
        {"op": "mcm", "pt": 1_000 * number, "clk": "1", "mc": [{"id": "1.5", **entry}]}
        for number, entry in enumerate(entries)
    )
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


BEGUN = (
    {
        "marketDefinition": definition(),
        "rc": [{"id": 71, "atb": [[3, 10.5], [2.9, 0.18]], "atl": [[3.1, 7]]}, {"id": 72, "atb": [[1.5, 4]]}],
    },
    {"rc": [{"id": 71, "atb": [[3, 2.5], [2.9, 6], [2.8, 1]]}, {"id": 72, "atb": [[1.5, 0]], "atl": [[1.6, 3]]}]},
)


@pytest.fixture
def api(server: Server) -> Iterator[Api]:
    """Connect to the server as its operator."""
    with Api(Target(server.url, server.key)) as api:
        yield api


def _book(api: Api, market: str) -> dict[tuple[int, Side, str], str]:
    """Return what waits by runner, waiting side and odds."""
    found: dict[tuple[int, Side, str], str] = {}
    book: Document = api.get(f"/v1/exchange/markets/{market}/book", depth=1000)
    for runner in book["runners"]:
        for name, side in (("to_back", Side.LAY), ("to_lay", Side.BACK)):
            for level in runner[name]:
                found[int(runner["runner_id"]), side, level["odds"]] = level["size"]
    return found


def test_the_prices_are_those_of_the_last_line(server: Server, api: Api, tmp_path: Path) -> None:
    file = tmp_path / "recorded.bz2"
    file.write_bytes(bz2.compress(lines(*BEGUN)))
    played = server.ask("import", "betfair", str(file), "--speed", "0")
    assert (played["status"], played["lines"], played["refused"]) == ("open", 2, 0)
    assert _book(api, played["market_id"]) == {
        (1, Side.LAY, "3.00"): "2.50",
        (1, Side.LAY, "2.90"): "6.00",
        (1, Side.LAY, "2.80"): "1.00",
        (1, Side.BACK, "3.10"): "7.00",
        (2, Side.BACK, "1.60"): "3.00",
    }
    market = api.get(f"/v1/exchange/markets/{played['market_id']}")
    assert [runner["name"] for runner in market["runners"]] == ["Dog 1", "Dog 2"]
    assert (market["market_type"], market["commission_bps"]) == ("WIN", 500)


def test_the_market_ends_as_it_did(server: Server, api: Api, tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    ended = definition("CLOSED", in_play=True, ends=("LOSER", "WINNER"))
    file.write_bytes(
        lines(
            *BEGUN,
            {"marketDefinition": definition("SUSPENDED", in_play=True)},
            {"marketDefinition": definition(in_play=True), "rc": [{"id": 72, "atl": [[1.7, 5]]}]},
            {"marketDefinition": ended},
        )
    )
    played = server.ask("import", "betfair", str(file), "--speed", "0")
    assert (played["status"], played["lines"]) == ("settled", 5)
    market = api.get(f"/v1/exchange/markets/{played['market_id']}")
    assert market["in_play_since"] is not None
    assert [runner["status"] for runner in market["runners"]] == ["loser", "winner"]


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded market is not here")
def test_a_real_market_has_the_recorded_prices(server: Server, api: Api, tmp_path: Path) -> None:
    file, recording = tmp_path / "recorded.jsonl", Recording()
    with RECORDED.open("rb") as opened:
        first = list(islice(opened, 8))
    file.write_bytes(b"".join(first))
    for text in first:
        recording.take(text)
    played = server.ask("import", "betfair", str(file), "--speed", "0")
    assert (played["lines"], played["refused"]) == (8, 0)
    assert _book(api, played["market_id"]) == {
        (number, side, f"{odds / 100:.2f}"): f"{minor / 100:.2f}"
        for (number, side, odds), minor in recording.waiting.items()
    }


def without(name: str) -> Any:
    """Return a market's definition that lacks something."""
    return {known: value for known, value in definition().items() if known != name}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no market's definition"),
        (b"payments\n", "Line 1"),
        (lines({"rc": 7}), "Line 1"),
        *(
            (lines({"marketDefinition": without(name)}), f"a market's definition has no {name}")
            for name in ("marketTime", "status", "inPlay", "numberOfWinners", "runners")
        ),
        (lines({"marketDefinition": definition() | {"runners": [{"id": 7}]}}), "has no sortPriority and no status"),
    ],
)
def test_what_is_no_recording_is_refused(server: Server, tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "wrong.jsonl"
    file.write_bytes(content)
    ended = server.call("import", "betfair", str(file))
    assert ended.code == 2
    assert why in " ".join(ended.err.split())


def test_cash_that_cannot_be_given_is_refused_before_there_is_a_market(
    server: Server, api: Api, tmp_path: Path
) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_bytes(lines(*BEGUN))
    before = api.get("/v1/exchange/markets")
    for cash in ("abc", "1.005", "0"):
        ended = server.call("import", "betfair", str(file), "--cash", cash)
        assert (ended.code, "--cash" in ended.err) == (2, True), ended
    assert api.get("/v1/exchange/markets") == before


def test_orders_that_are_refused_are_told_with_their_reason(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_bytes(lines(BEGUN[0]))
    told = " ".join(server.call("import", "betfair", str(file), "--speed", "0", "--cash", "10").out.split())
    assert "3 orders placed, 1 refused (1 insufficient_funds)." in told


def test_a_payments_history_is_still_imported_without_a_word(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("effective_date,account,kind,amount,reference\n2020-01-05,zed,deposit,10.00,z1\n")
    assert server.ask("import", str(file), "--currency", "USD")["booked"] == 1
    assert server.call("import", "--help").code == 0
