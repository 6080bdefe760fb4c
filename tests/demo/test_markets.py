"""The demo's markets: quoted on both sides, traded, turned in-play, settled, paid and replaced."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from evens.sim.fixtures import find_fixture
from tests.cli.exchange.betting import api_of, ended, open_market, show, take_step
from tests.cli.program import Server, eventually, running
from tests.cli.terminal import at_terminal

QUICK = ("demo", "--port", "0", "--market-minutes", "0.05")
"""A race is open for three seconds, and in-play for less than one."""


def markets_of(server: Server, kind: str) -> Sequence[Any]:
    """Return the demo's markets of a kind, the newest first."""
    with api_of(server) as api:
        found = list(api.items("/v1/exchange/markets"))
    return [market for market in found if (market["event"] or "").startswith(f"demo-{kind}-")]


def has_matches(markets: Sequence[Any]) -> bool:
    """Return whether anything was matched in any of these markets."""
    return any(Decimal(runner["matched"]) for market in markets for runner in market["runners"])


def test_markets_move_and_are_settled_and_replaced_and_the_money_is_right(tmp_path: Path) -> None:
    with running(QUICK, tmp_path / "data") as server:
        for kind in ("match", "race", "final"):
            market = markets_of(server, kind)[-1]
            assert [runner["name"] for runner in market["runners"]] == list(find_fixture(kind, 1).runners)
        match = server.announced["markets"][0]["id"]
        assert all(runner["to_back"] and runner["to_lay"] for runner in show(server, match)["runners"])
        assert eventually(lambda: len(markets_of(server, "race")) >= 3)
        assert eventually(lambda: len(markets_of(server, "final")) >= 2)
        assert eventually(lambda: has_matches([show(server, match)]))
        # In three seconds perhaps nobody bets on a race: some other one will do.
        assert eventually(lambda: has_matches(markets_of(server, "race")[1:]))
        over = [
            ended(server, market["id"]) for market in (*markets_of(server, "race")[1:], markets_of(server, "final")[1])
        ]
        for market in over:
            assert market["status"] == "settled"
            assert market["in_play_since"] is not None
            assert [runner["status"] for runner in market["runners"]].count("winner") == market["winners"]
        assert has_matches(over)
        numbers = [int(market["event"].rpartition("-")[2]) for market in markets_of(server, "race")]
        assert numbers == list(range(len(numbers), 0, -1))
        assert len([market for market in markets_of(server, "race") if market["status"] != "settled"]) <= 1
        assert server.end() == 0
    with running(["serve", "--port", "0"], tmp_path / "data") as server:
        audit = server.ask("audit")
        assert audit["ok"]
        for market in server.ask("market", "list")["items"]:
            take_step(server, market["id"], "void")
        for event in server.ask("event", "list", "--all")["items"]:
            if event["status"] == "new":
                server.ask("event", "void", event["id"], "--yes")
        for pool_round in server.ask("round", "list")["items"]:
            if pool_round["status"] in {"open", "locked"}:
                # Refused if its result came in the meantime, and then it is over too.
                server.call("round", "void", pool_round["code"], "--reason", "The demo is over.", "--yes")
        # Nobody's money is held by what is over.
        with api_of(server) as api:
            assert eventually(lambda: not any(Decimal(total["locked"]) for total in api.get("/v1/tvl")["items"]))


def test_quotes_are_there_again_once_a_market_is_in_play(tmp_path: Path) -> None:
    # Long enough in-play to be looked at, however busy the machine is.
    with running(("demo", "--port", "0", "--market-minutes", "0.5"), tmp_path / "data") as server:
        race = server.announced["markets"][1]["id"]
        take_step(server, race, "in-play")

        def is_quoted() -> bool:
            market = show(server, race)
            return not market["working"] and all(runner["to_back"] for runner in market["runners"])

        assert eventually(is_quoted)
        assert show(server, race)["status"] == "in_play"


def test_the_panel_shows_the_latest_result_and_fits_into_eighty_columns(tmp_path: Path) -> None:
    with at_terminal(*QUICK, "--data", str(tmp_path / "data"), rows=40) as terminal:
        assert terminal.shows("Latest result   Race 1 at ")
        terminal.type("\x03")
        assert terminal.ends() == 0
    moving = terminal.text[terminal.text.index("  Payments ") : terminal.text.rindex("Ctrl-C stops")]
    assert max(len(line.strip("\r")) for line in moving.splitlines()) <= 80
    assert " won" in moving
    assert "settled market" in terminal.text.rstrip().splitlines()[-1]


def test_what_another_version_of_the_demo_left_is_voided_and_replaced(tmp_path: Path) -> None:
    with running(["serve", "--port", "0"], tmp_path / "data") as server:
        strange = open_market(server, "Old v New", "Old", "New", event="demo-match-1")
        other = open_market(server, "Mine v Yours", "Mine", "Yours", event="cup-7")
        assert server.end() == 0
    with running(("demo", "--port", "0"), tmp_path / "data") as server:
        assert ended(server, strange)["status"] == "void"
        assert show(server, other)["status"] == "open"
        assert [market["event"] for market in markets_of(server, "match")] == ["demo-match-2", "demo-match-1"]
