"""`evens watch`: a ladder at a terminal of any width, otherwise a line or a JSON document for each change."""

import json
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.exchange.betting import open_market, place, take_step
from tests.cli.program import EVENS, Server, environment, running
from tests.cli.terminal import at_terminal

COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-9]|9[0-7])[0-9;]*m")
BACKS = ("2.5", "2.48", "2.46")
LAYS = ("2.6", "2.62", "2.64")


@pytest.fixture(scope="module", autouse=True)
def bettors(server: Server) -> None:
    for name in ("ada", "bo"):
        server.customer(name, USD="100000")


@pytest.fixture
def market(server: Server) -> str:
    """Open a market in which three prices wait on each side of the first runner."""
    market = open_market(server, "Farleigh v Marlow", "Farleigh", "Draw", "Marlow")
    for number, (back, lay) in enumerate(zip(BACKS, LAYS, strict=True), 1):
        place(server, "bo", market, "1", "lay", back, f"{number}1.50")
        place(server, "bo", market, "1", "back", lay, f"{number}2.50")
    return market


@pytest.mark.parametrize(("columns", "depth"), [(80, 1), (120, 3)])
@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}])
def test_the_ladder_moves_and_keeps_within_the_window(
    server: Server, market: str, columns: int, depth: int, env: dict[str, str]
) -> None:
    with at_terminal("watch", market, "--data", str(server.data), columns=columns, env=env) as terminal:
        assert terminal.shows("Ctrl-C ends this.")
        assert all(
            (f"{odds} {number}1.50" in terminal.text) == (number <= depth) for number, odds in enumerate(BACKS, 1)
        )
        assert all(
            (f"{odds} {number}2.50" in terminal.text) == (number <= depth) for number, odds in enumerate(LAYS, 1)
        )
        place(server, "ada", market, "1", "back", "2.5", "7")
        assert terminal.shows("backed at 2.5")
        assert terminal.shows("2.5 4.50")
        take_step(server, market, "suspend")
        assert terminal.shows("Farleigh v Marlow  suspended")
        terminal.type("\x03")
        assert terminal.ends() == 0
    assert "Traceback" not in terminal.text
    assert max(len(line.strip("\r")) for line in terminal.text.splitlines()) <= columns
    assert bool(COLOUR.search(terminal.raw)) == (not env)
    # The cursor that was hidden is there again.
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rindex("\x1b[?25l")


def test_thousands_do_not_push_the_ladder_out_of_the_window(server: Server, market: str) -> None:
    place(server, "bo", market, "2", "lay", "1000", "12.00")
    place(server, "bo", market, "3", "back", "1.01", "12345.50")
    for columns in (80, 120):
        with at_terminal("watch", market, "--data", str(server.data), columns=columns) as terminal:
            assert terminal.shows("1.01 12,345.50")
            assert terminal.shows("1000 12.00")
            terminal.type("\x03")
            assert terminal.ends() == 0
        assert max(len(line.strip("\r")) for line in terminal.text.splitlines()) <= columns


def test_it_ends_by_itself_when_the_market_is_settled(server: Server, market: str) -> None:
    place(server, "ada", market, "1", "back", "2.5", "10")
    with at_terminal("watch", market, "--data", str(server.data)) as terminal:
        assert terminal.shows("Ctrl-C ends this.")
        take_step(server, market, "settle", winners=["3"])
        assert terminal.ends() == 0
    last = terminal.text[terminal.text.rindex("Farleigh v Marlow") :]
    assert "settled" in last
    assert "Marlow ✓" in last
    assert last.rstrip().endswith("It is over.")


def test_without_a_terminal_there_is_a_plain_line_for_each_change(server: Server, market: str) -> None:
    command = [EVENS, "watch", market, "--data", str(server.data)]
    with subprocess.Popen(command, env=environment(None), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        begin = [process.stdout.readline() for _ in range(4)]
        assert begin[0] == "Farleigh v Marlow is open, 0.00 USD matched\n"
        assert begin[1] == "Farleigh: back 2.5 × 11.50, lay 2.6 × 12.50, last –, matched 0.00\n"
        assert begin[2] == "Draw: back –, lay –, last –, matched 0.00\n"
        # What waits deeper changes nothing of the line, and is not told.
        place(server, "bo", market, "1", "lay", "2.4", "9")
        place(server, "ada", market, "1", "back", "2.5", "7")
        trade, runner = process.stdout.readline(), process.stdout.readline()
        assert re.fullmatch(r"\d\d:\d\d:\d\d \S+ Farleigh: 7\.00 backed at 2\.5\n", trade)
        assert runner == "Farleigh: back 2.5 × 4.50, lay 2.6 × 12.50, last 2.5, matched 7.00\n"
        take_step(server, market, "void")
        rest = process.stdout.read()
        assert process.wait() == 0
    assert "Farleigh v Marlow is void" in rest
    assert "\x1b" not in rest


def test_programs_get_a_document_for_each_change(server: Server, market: str) -> None:
    command = [EVENS, "watch", market, "--json", "--data", str(server.data)]
    with subprocess.Popen(command, env=environment(None), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        snapshot = json.loads(process.stdout.readline())
        assert (snapshot["change"], snapshot["market"]["id"], snapshot["trades"]) == ("snapshot", market, [])
        place(server, "ada", market, "1", "lay", "2.6", "5")
        trade, runner = json.loads(process.stdout.readline()), json.loads(process.stdout.readline())
        assert (trade["change"], trade["odds"], trade["size"]) == ("trade", "2.60", "5.00")
        assert (runner["change"], runner["name"], runner["matched"]) == ("runner", "Farleigh", "5.00")
        process.send_signal(2)
        assert process.wait() == 0


def test_it_shows_an_interruption_and_continues_when_the_server_is_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ExitStack() as seats:
        with running(["serve", "--port", "0"], data) as server:
            server.customer("ada", USD="100")
            market = open_market(server, "Ashford v Kelso", "Ashford", "Kelso")
            terminal = seats.enter_context(at_terminal("watch", market, "--data", str(data), columns=120))
            assert terminal.shows("Ctrl-C ends this.")
            assert server.end() == 0
            assert terminal.shows("The server has stopped; trying again in 0.5 s. Ctrl-C ends this.")
            assert terminal.shows(f"No server runs on {data}; trying again in 1 s. Ctrl-C ends this.")
        with running(_again(server), data) as server:
            place(server, "ada", market, "1", "back", "2.5", "7")
            assert terminal.shows("2.5 7.00")
            assert "trying again" not in terminal.text[terminal.text.rindex("2.5 7.00") :]
            terminal.type("\x03")
            assert terminal.ends() == 0
        assert "Traceback" not in terminal.text


def test_json_output_begins_with_a_new_snapshot_when_the_server_is_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ExitStack() as seats:
        with running(["serve", "--port", "0"], data) as server:
            market = open_market(server, "Ashford v Kelso", "Ashford", "Kelso")
            lines, documents = (
                seats.enter_context(
                    subprocess.Popen(
                        [EVENS, "watch", market, "--data", str(data), *options],
                        env=environment(None),
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                )
                for options in ((), ("--json",))
            )
            assert lines.stdout is not None
            assert documents.stdout is not None
            begin = [lines.stdout.readline() for _ in range(3)]
            assert begin[0] == "Ashford v Kelso is open, 0.00 USD matched\n"
            snapshot = json.loads(documents.stdout.readline())
            assert snapshot["change"] == "snapshot"
            assert server.end() == 0
            assert lines.stdout.readline() == "The server has stopped; trying again in 0.5 s.\n"
            interrupted = {"change": "interrupted", "detail": "The server has stopped.", "retry_after_s": 0.5}
            assert json.loads(documents.stdout.readline()) == interrupted
        with running(_again(server), data) as server:
            take_step(server, market, "suspend")
            while "trying again" in (line := lines.stdout.readline()):
                pass
            assert line.startswith("Ashford v Kelso is ")
            assert [lines.stdout.readline() for _ in range(2)] == begin[1:]
            while (document := json.loads(documents.stdout.readline()))["change"] == "interrupted":
                pass
            assert document["change"] == "snapshot"
            assert document["market"]["runners"] == snapshot["market"]["runners"]
            for process in (lines, documents):
                process.send_signal(2)
                assert process.wait() == 0


def _again(server: Server) -> list[str]:
    """Return what starts a server at the address of one that has ended."""
    return ["serve", "--port", server.url.rpartition(":")[2]]


def test_an_unknown_market_cannot_be_watched(server: Server) -> None:
    unknown = server.call("watch", "Nowhere")
    assert (unknown.code, unknown.out) == (1, "")
    assert "To see them: evens market list" in unknown.err
