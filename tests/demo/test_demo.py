"""`evens demo`: it starts quickly, makes payments, and leaves no process behind."""

import os
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from queue import Queue

import httpx2
import pytest

from evens.demo.betting import BANK
from evens.demo.command import LOG_FILE, DemoRun
from evens.demo.line_service import LineService
from evens.demo.registering import DATA_DIR
from evens.demo.screen import DemoScreen
from evens.edges.cli.api import Api
from evens.edges.cli.operations import Serving
from evens.edges.cli.server_file import Target
from evens.program.operations import ProgramOperations
from evens.sim.fixtures import find_fixture
from tests.cli.program import EVENS, Server, environment, eventually, processes_with, running
from tests.cli.terminal import at_terminal
from tests.folders import passable_folder

MATCH = find_fixture("match", 1).name


def statement(server: Server, name: str) -> list[dict[str, str]]:
    return server.ask("statement", name)["items"]


def try_out(command: str) -> str:
    """Paste a command into a shell and return what it prints, or of what goes on for ever, how it begins."""
    if " watch " in command:
        shell = ["sh", "-c", f"exec {command}"]
        with subprocess.Popen(shell, env=environment(None), stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            begin = watching.stdout.readline()
            watching.send_signal(signal.SIGINT)
            assert watching.wait() == 0
        return begin
    shell = ["sh", "-c", command]
    tried = subprocess.run(shell, env=environment(None), capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried
    return tried.stdout


def payments(server: Server) -> int:
    """Return how many transfers the books have."""
    return server.ask("audit")["transfers"]


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    """Run a demo at which several tests look."""
    with passable_folder() as folder, running(["demo", "--port", "0"], folder / "data") as server:
        yield server


def test_the_demo_makes_payments_and_its_suggested_commands_work(demo: Server) -> None:
    assert demo.announced["customers"] == 40
    assert demo.announced["operator_key"] == demo.key
    before = payments(demo)
    assert before >= 40 * 3
    assert eventually(lambda: payments(demo) > before)
    assert all("curl" not in command or "-w '\\n'" in command for command in demo.announced["try"])
    tried = [try_out(command) for command in demo.announced["try"]]
    listed, watched, placed, offered, rounds, leaders, shown, told, paid, asked = tried
    for market in demo.announced["markets"]:
        assert f"{market['id']} " in listed
        assert market["name"] in listed
    assert watched.startswith(f"{demo.announced['markets'][0]['name']} is open, ")
    assert " matched. ord_" in placed
    assert "Deadline" in offered or "One can bet on nothing now" in offered
    assert " open " in rounds
    assert "A rank by anything but profit takes" in leaders
    assert shown.startswith("ada")
    assert "first deposit" in told
    assert "12.50" in paid
    assert ("total_cash" if demo.announced["try"][-1].startswith("curl ") else "The books are right") in asked


def test_an_interrupt_ends_the_demo_without_a_word(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    with running(["demo", "--port", "0"], tmp_path / "data", {"TEST_MARK_OF_EVENS": mark}, fresh=True) as server:
        assert server.end(signal.SIGINT) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""
    assert (tmp_path / "data.stderr").read_text() == ""
    assert eventually(lambda: processes_with(mark) == [], 10), processes_with(mark)


def pool_bets(server: Server) -> list[int]:
    """Return how many bets there are in each round of the demo's pool, on both sides."""
    rounds = server.ask("round", "list")["items"]
    return [sum(side["bets"] for side in each["sides"].values()) for each in rounds]


def test_punters_bet_with_the_house_on_the_line_of_a_provider_and_in_the_pool(demo: Server) -> None:
    provider = demo.announced["line_provider"]
    assert "line provider" in httpx2.get(f"{provider}/docs", trust_env=False).text.lower()

    assert eventually(lambda: demo.ask("event", "list")["items"] != [], 60)
    assert eventually(lambda: demo.ask("book", "exposure")["items"] != [], 60)
    (house,) = [each for each in demo.ask("house", "balance")["items"] if each["currency"] == "USD"]
    assert Decimal(house["reserved"]) > 0
    assert Decimal(house["bank"]) + Decimal(house["reserved"]) > Decimal(BANK) / 2
    # And in the pool, whose rounds open by themselves.
    assert eventually(lambda: any(pool_bets(demo)), 60)


def test_somebody_pays_in_and_out_over_a_simulated_chain(demo: Server) -> None:
    """Pools 5: the demo shows the rail: an address, an arrival, and a payout that is approved."""
    with Api(Target(demo.url, demo.key)) as api:

        def stands(what: str) -> set[str]:
            return {each["status"] for each in api.get(f"/v1/chain/{what}")["items"]}

        assert eventually(lambda: "credited" in stands("deposits"), 60)
        assert eventually(lambda: "confirmed" in stands("withdrawals"), 60)
    assert demo.ask("audit")["ok"]


def test_leaders_bet_and_followers_copy_them_within_their_limits(demo: Server) -> None:
    """Social 6: seeded leaders with styles of their own, followers, and a bet that is copied end to end."""
    assert eventually(lambda: demo.ask("profile", "show", "vera")["copyable"], 60)
    keys = {
        name: demo.ask("api-key", "create", "--role", "customer", "--user", name)["key"]
        for name in ("bo", "ivo", "juno")
    }

    def copied(name: str) -> bool:
        follows = demo.ask("follow", "list", EVENS_API_KEY=keys[name])["items"]
        copies = [demo.ask("follow", "copies", each["id"], EVENS_API_KEY=keys[name])["items"] for each in follows]
        return any(copy["status"] == "copied" for each in copies for copy in each)

    # On the exchange, with the house, and in the pool.
    for name in keys:
        assert eventually(lambda name=name: copied(name), 120), name
    assert demo.ask("audit")["ok"]


def test_the_demo_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    env = {"TEST_MARK_OF_EVENS": mark}
    with running(["demo", "--port", "0"], tmp_path / "data", env) as server:
        paid = server.ask("transfer", "ada", "bo", "0.07", "--memo", "before the end")
        markets = server.announced["markets"]
        server.process.kill()
        server.process.wait()
    assert eventually(lambda: processes_with(mark) == [], 20), processes_with(mark)
    with running(["demo", "--port", "0"], tmp_path / "data", env) as server:
        assert server.announced["customers"] == 40
        assert server.announced["markets"] == markets
        assert paid["id"] in [item["id"] for item in statement(server, "ada")]
        assert [item["kind"] for item in statement(server, "ada")].count("deposit") >= 3
        assert [item["reference"] for item in statement(server, "ada")].count("first deposit") == 3
        assert server.ask("audit")["ok"]


def test_the_demo_goes_on_when_its_database_was_killed(tmp_path: Path) -> None:
    with running(["demo", "--port", "0"], tmp_path / "data") as server:
        postmaster = int((tmp_path / "data" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        before = payments(server)
        os.kill(postmaster, signal.SIGKILL)

        def goes_on() -> bool:
            # Nothing can be audited before the database is there again.
            asked = server.call("audit", "--json")
            return asked.code == 0 and asked.document["transfers"] > before + 3

        assert eventually(goes_on)
        assert server.end(signal.SIGTERM) == 0


def test_ctrl_c_at_a_terminal_ends_everything_in_one_line(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    data = tmp_path / "data"
    with at_terminal(
        "demo", "--port", "0", "--data", str(data), columns=120, env={"TEST_MARK_OF_EVENS": mark}, fresh=True
    ) as terminal:
        assert terminal.shows("Commands to try")
        assert terminal.shows(" paid ")
        assert terminal.shows(f"{MATCH}  ")
        assert terminal.shows("Latest result   none yet")
        terminal.type("\x03")
        assert terminal.ends() == 0
    assert "Traceback" not in terminal.text
    last = terminal.text.rstrip().splitlines()[-1]
    assert "Stopped after" in last
    assert str(data) in last
    assert eventually(lambda: processes_with(mark) == [], 10), processes_with(mark)


def test_ctrl_c_before_it_is_ready_ends_it_as_well(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    with at_terminal(
        "demo", "--port", "0", "--data", str(tmp_path / "data"), env={"TEST_MARK_OF_EVENS": mark}
    ) as terminal:
        assert eventually((tmp_path / "data" / "postgres.log").exists)
        terminal.type("\x03")
        assert terminal.ends() == 0
    assert "Traceback" not in terminal.text
    assert eventually(lambda: processes_with(mark) == [], 10), processes_with(mark)


def test_without_a_terminal_the_demo_writes_plain_lines(tmp_path: Path) -> None:
    with subprocess.Popen(
        [EVENS, "demo", "--port", "0", "--data", str(tmp_path / "data")],
        env=environment(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("  Relay final 1"):
            line = process.stdout.readline()
            assert line, lines
            lines.append(line)
        process.terminate()
        lines.extend(process.stdout)
        assert process.wait() == 0
    assert "\x1b" not in "".join(lines)
    told = next(line for line in lines if "customers hold" in line)
    assert re.match(r"Payments: [\d,]+ made, [\d.]+ a second[;,] ", told)
    assert "USD" in told
    (line,) = [line for line in lines if line.startswith(f"  {MATCH}: ")]
    assert re.fullmatch(rf"  {MATCH}: open, \S+ [\d.]+ to back, [\d.]+ to lay, [\d.]+ USD matched\n", line)
    assert lines[-1].startswith("✓ Stopped after ")


def test_the_demo_leaves_nothing_for_git_to_see(tmp_path: Path) -> None:
    """Hold 28: whoever starts the demo in a checkout has nothing new in `git status`, with every file it makes."""
    root = Path(__file__).resolve().parents[2]

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    git("init", "--quiet")
    (tmp_path / ".gitignore").write_text((root / ".gitignore").read_text())
    git("add", ".gitignore")
    with subprocess.Popen(
        [EVENS, "demo", "--port", "0", "--json"], cwd=tmp_path, env=environment(None), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        data = tmp_path / DATA_DIR
        assert (data / LOG_FILE).exists()
        # What rotation and a crash would leave behind, too.
        (data / f"{LOG_FILE}.1").touch()
        (data / "postgres.log.1").touch()
        during = git("status", "--porcelain", "--untracked-files=all")
        process.terminate()
        assert process.wait() == 0
    assert during == git("status", "--porcelain", "--untracked-files=all") == "A  .gitignore\n"


def test_the_demos_threads_do_not_die_unnoticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold 2: an unexpected exception in a thread of the demo ends the demo with it."""
    stopped: Queue[int] = Queue()

    def note(_pid: int, number: int) -> None:
        stopped.put(number)

    monkeypatch.setattr("evens.demo.command.os.kill", note)

    def break_down(_api: object, _newcomers: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr("evens.demo.command.seed", break_down)
    monkeypatch.setenv("EVENS_LINE_SOURCES", "main=evens+http://127.0.0.1:1")
    run = DemoRun(ProgramOperations(), DemoScreen(as_json=True), 1.0, LineService(tmp_path, 0))
    run.begin(
        Serving("http://127.0.0.1:1", tmp_path, "key", first_start=True, startup_s=0.1, betfair_stream="127.0.0.1:2")
    )
    assert stopped.get(timeout=60) == signal.SIGTERM
    with pytest.raises(RuntimeError, match="nobody expected this"):
        run.conclude(tmp_path)
