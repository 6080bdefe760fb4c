"""Connecting to the server: how it is found, which key is sent where, and broken connections."""

import json
import socket
import subprocess
from pathlib import Path

from tests.cli.lossy_proxy import LossyProxy
from tests.cli.program import Server, call


def idempotency_keys(requests: list[bytes]) -> set[bytes]:
    heads = [request.partition(b"\r\n\r\n")[0] for request in requests if request.startswith(b"POST")]
    return {line for head in heads for line in head.split(b"\r\n") if line.lower().startswith(b"idempotency-key:")}


def test_a_lost_answer_is_asked_for_again_and_nothing_is_booked_twice(server: Server) -> None:
    server.customer("ada")
    lost: list[int] = []

    def loses(number: int, request: bytes) -> bool:
        if request.startswith(b"POST") and len(lost) < 2:
            lost.append(number)
            return True
        return False

    with LossyProxy(server.url, loses).open() as line:
        deposit = call("deposit", "ada", "10", "--json", env={"EVENS_URL": line.url, "EVENS_API_KEY": server.key})
    assert (deposit.code, deposit.err) == (0, "")
    assert len(lost) == 2
    assert len(idempotency_keys(line.forwarded)) == 1
    assert server.cash("ada") == "10.00"


def test_a_line_that_stays_broken_names_the_key_that_makes_sure(server: Server) -> None:
    server.customer("bo")
    with LossyProxy(server.url, lambda number, request: request.startswith(b"POST")).open() as line:
        broken = call("deposit", "bo", "10", env={"EVENS_URL": line.url, "EVENS_API_KEY": server.key})
    assert (broken.code, broken.out) == (3, "")
    key = broken.err.partition("--key ")[2].split()[0]
    assert server.call("deposit", "bo", "10", "--key", key).code == 0
    assert server.cash("bo") == "10.00"


def test_the_folders_key_is_never_shown_to_another_address(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        elsewhere = f"http://127.0.0.1:{listener.getsockname()[1]}"
        misused = server.call("balance", "ada", "--url", elsewhere)
        assert misused.code == 2
        assert "EVENS_API_KEY" in misused.err
        try:
            listener.accept()
        except TimeoutError:
            return
    raise AssertionError("somebody called")


def test_the_folders_own_server_can_be_named_by_address_too(server: Server) -> None:
    assert server.call("seed", "--users", "1", "--url", server.url + "/").code == 0


def test_a_wrong_key_is_refused_with_exit_code_1(server: Server) -> None:
    refused = server.call("balance", "ada", EVENS_API_KEY="evk_wrong")
    assert refused.code == 1
    assert "EVENS_API_KEY" in refused.err


def test_no_server_is_exit_code_3_with_what_to_start(tmp_path: Path) -> None:
    missing = call("balance", "ada", cwd=tmp_path)
    assert (missing.code, missing.out) == (3, "")
    assert missing.err == "✗ No server runs on evens-data. Start one with: evens serve\n"
    elsewhere = call("balance", "ada", "--data", "other", "--json", cwd=tmp_path)
    assert elsewhere.code == 3
    assert elsewhere.document["code"] == "unavailable"
    assert "evens serve --data other" in elsewhere.err


def test_a_server_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    (tmp_path / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:9", "pid": gone.pid}))
    (tmp_path / "operator.key").write_text("evk_left")
    missing = call("balance", "ada", "--data", str(tmp_path))
    assert missing.code == 3
    assert "No server runs" in missing.err


def test_an_address_without_a_server_is_exit_code_3() -> None:
    with socket.socket() as taken:
        # Nobody listens there, and as long as it is taken nobody else can.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        missing = call("balance", "ada", env={"EVENS_URL": f"http://127.0.0.1:{port}", "EVENS_API_KEY": "evk_any"})
    assert missing.code == 3
    assert f"No server at http://127.0.0.1:{port} answers." in missing.err
    assert call("balance", "ada", env={"EVENS_URL": "127.0.0.1:8000", "EVENS_API_KEY": "evk_any"}).code == 2
