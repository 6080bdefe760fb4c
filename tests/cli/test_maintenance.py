"""Serving and maintenance: ports and folders in use, API keys, audits, migrations, the doctor."""

import json
import signal
import socket
import stat
import subprocess
from pathlib import Path

from evens.store.embedded import OWNER_ROLE, start
from tests.cli.program import EVENS, Server, call, environment, run, running
from tests.faults.elsewhere import elsewhere


def test_a_server_writes_its_address_and_removes_it_at_the_end(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(["serve", "--port", "0"], data, fresh=True) as server:
        assert server.announced["data"] == str(data)
        assert json.loads((data / "server.json").read_text())["url"] == server.url
        key_file = Path(server.announced["operator_key_file"])
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert server.ask("user", "create", "ada")["username"] == "ada"
        assert server.end(signal.SIGINT) == 0
        assert not key_file.exists()
        assert not (data / "server.json").exists()
    with running(["serve", "--port", "0"], data) as server:
        assert server.ask("user", "show", "ada")["username"] == "ada"


def test_a_server_says_that_it_has_stopped_and_where_everything_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [EVENS, "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(
        command, env=environment(None), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == f"✓ Stopped; everything that was booked stays in {data}.\n"
        assert process.wait() == 0


def test_a_port_in_use_is_an_error_with_the_option_that_helps(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for command in ("serve", "demo"):
            taken = run(command, "--port", str(port), "--data", str(tmp_path / command))
            assert (taken.code, taken.out) == (3, "")
            assert taken.err == (
                f"✗ Port {port} on 127.0.0.1 is taken by another program. Choose another one: --port {port + 1}\n"
            )


def test_a_folder_in_use_is_an_error_and_not_changed(server: Server) -> None:
    second = run("serve", "--port", "0", "--data", str(server.data))
    assert (second.code, second.out) == (3, "")
    assert "in use by process" in second.err
    assert "Traceback" not in second.err
    assert server.call("seed", "--users", "1").code == 0


def test_a_key_is_printed_alone_and_works(server: Server) -> None:
    made = server.call("api-key", "create", "--role", "operator", "--name", "till")
    assert (made.code, made.err) == (0, "")
    assert made.out.startswith("evk_")
    assert made.out.count("\n") == 1
    assert call("user", "create", "lou", env={"EVENS_URL": server.url, "EVENS_API_KEY": made.out.strip()}).code == 0
    service = server.ask("api-key", "create", "--role", "service")["key"]
    assert server.call("user", "create", "max", EVENS_API_KEY=service).code == 1
    assert server.call("deposit", "lou", "1", EVENS_API_KEY=server.key).code == 0


def test_a_customers_key_needs_the_customer(server: Server) -> None:
    nameless = server.call("api-key", "create", "--role", "customer")
    assert nameless.code == 2
    assert "--user USER" in nameless.err
    unknown = server.call("api-key", "create", "--role", "customer", "--user", "nobody")
    assert (unknown.code, unknown.out) == (1, "")
    assert server.call("api-key", "create", "--role", "king").code == 2


def test_an_audit_beside_a_running_server_finds_the_books_right(server: Server) -> None:
    server.ask("seed", "--users", "10")
    report = server.ask("audit")
    assert report["ok"]
    assert report["problems"] == []
    assert report["transfers"] >= 30
    assert "The books are right" in server.call("audit").out


def test_the_doctor_finds_nothing_wrong_with_a_healthy_installation(server: Server) -> None:
    report = server.ask("doctor")
    assert report["ok"]
    assert {"database", "disk space"} <= {finding["name"] for finding in report["findings"]}


def test_without_a_server_the_data_can_still_be_worked_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    applied = call("migrate", "--data", str(data), "--json")
    assert applied.code == 0
    assert applied.document["applied"]
    assert call("migrate", "--data", str(data)).out == "✓ The database was up to date already.\n"
    assert call("audit", "--data", str(data), "--json").document["entries"] == 0
    assert call("doctor", "--data", str(data)).code == 0
    assert run("api-key", "create", "--role", "admin", "--data", str(data)).out.startswith("evk_")


def test_what_needs_a_house_begins_none(tmp_path: Path) -> None:
    """A folder that was mistyped has no books that could be right, and nobody's key or secret."""
    data = tmp_path / "mistyped"
    for command in (["audit"], ["api-key", "create", "--role", "operator"], ["secret", "show"], ["secret", "rotate"]):
        refused = call(*command, "--data", str(data))
        assert (refused.code, refused.out) == (1, ""), command
        assert f"There is no database in {data}" in refused.err.replace("\n", " ")
        assert not data.exists()


def test_the_folder_of_a_line_provider_has_no_house_to_audit(tmp_path: Path) -> None:
    with running(["line-provider", "--port", "0"], tmp_path / "line") as provider:
        refused = provider.call("audit")
        assert (refused.code, refused.out) == (1, "")
        assert "has no house" in refused.err
        saved = provider.call("backup", str(tmp_path / "saved"))
        assert (saved.code, saved.out) == (1, "")
        assert "has no house" in saved.err


def test_a_database_elsewhere_is_migrated_by_whoever_owns_it(tmp_path: Path) -> None:
    with start(tmp_path / "elsewhere") as postgres:
        theirs = {"DATABASE_URL": postgres.dsn(OWNER_ROLE)}
        assert call("migrate", "--data", str(tmp_path / "data"), "--json", env=theirs).document["applied"]
        with running(["serve", "--port", "0"], tmp_path / "data", env=theirs) as server:
            assert server.ask("audit")["ok"]
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_database_out_of_reach_is_exit_code_3(tmp_path: Path) -> None:
    missing = call(
        "audit", "--data", str(tmp_path / "data"), env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    )
    assert (missing.code, missing.out) == (3, "")
    assert "Traceback" not in missing.err


def test_a_server_with_its_database_elsewhere_gets_no_second_one_in_its_folder(tmp_path: Path) -> None:
    """A key that is made in another database than the server's would be refused by it."""
    with elsewhere(tmp_path) as house, house.open():
        refused = run("api-key", "create", "--role", "operator", "--data", str(house.data))
        assert (refused.code, refused.out) == (1, "")
        assert "Set DATABASE_URL to the one that it uses" in refused.err
        assert not (house.data / "postgres").exists()
        made = run(
            "api-key", "create", "--role", "operator", "--data", str(house.data), env={"DATABASE_URL": house.dsn}
        )
        assert made.out.startswith("evk_")


def test_the_version_is_printed() -> None:
    assert run("version").out.startswith("evens ")
    assert set(call("version", "--json").document) == {"version", "python"}
