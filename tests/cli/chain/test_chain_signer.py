"""`evens chain-signer` as a process of its own."""

import asyncio
import json
import os
import signal
import stat
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from evens.feeds.chain.evm.signing import Payment, SignerClient, SigningRefused
from tests.cli.program import EVENS, PATIENCE_S, call, environment

TOKEN = "0x" + "70" * 20
BOUNDS = ("--chain-id", "7", "--token", TOKEN, "--most", "10.5", "--most-per-day", "20")


@contextmanager
def signing(folder: Path, *bounds: str) -> Generator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    """Run a signer whose key is in the folder; yield what it says when it is ready."""
    command = [EVENS, "chain-signer", "--key-file", str(folder / "key"), "--socket", str(folder / "sock"), "--json"]
    with subprocess.Popen(
        [*command, *bounds], env=environment(None), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield json.loads(line), process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_S)


def test_it_makes_a_key_signs_with_it_and_goes_away(tmp_path: Path) -> None:
    """Pools 5: own key file 0600, Unix socket, a process of its own."""
    made = call("chain-signer", "--key-file", str(tmp_path / "key"), "--make-key", "--json")
    assert made.code == 0
    address = made.document["address"]
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    with signing(tmp_path, *BOUNDS) as (ready, process):
        assert (ready["address"], ready["pid"]) == (address, process.pid)
        place = (tmp_path / "sock").stat()
        assert (stat.S_ISSOCK(place.st_mode), stat.S_IMODE(place.st_mode)) == (True, 0o600)
        client = SignerClient(tmp_path / "sock")
        identity = asyncio.run(client.identity())
        assert (identity.address, identity.chain_id, identity.token) == (address.lower(), 7, TOKEN)
        payment = Payment("0x" + "b0" * 20, 10_500_000, 0, 90_000, 10**9, 1)
        assert asyncio.run(client.sign(payment)).raw.startswith("0x02")
        with pytest.raises(SigningRefused, match="10500001 units are more than"):
            asyncio.run(client.sign(Payment(payment.recipient, 10_500_001, 1, 90_000, 10**9, 1)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert not os.path.lexists(tmp_path / "sock")


def test_a_key_that_is_there_is_kept(tmp_path: Path) -> None:
    arguments = ("chain-signer", "--key-file", str(tmp_path / "key"), "--make-key")
    assert call(*arguments).code == 0
    before = (tmp_path / "key").read_text()
    again = call(*arguments)
    assert again.code == 1
    assert "is there already" in again.err
    assert (tmp_path / "key").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--chain-id, --token, --most and --most-per-day are needed"),
        (("--chain-id", "7", "--token", "0x12", "--most", "1", "--most-per-day", "1"), "40 hexadecimal digits"),
        (("--chain-id", "7", "--token", TOKEN, "--most", "-1", "--most-per-day", "1"), "plain positive decimal"),
        (("--chain-id", "7", "--token", TOKEN, "--most", "0.0000001", "--most-per-day", "1"), "6 fraction digits"),
    ],
)
def test_a_wrong_option_is_misuse(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = call("chain-signer", "--key-file", str(tmp_path / "key"), *arguments)
    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", " ").split())


def test_a_missing_or_open_key_is_refused_with_a_remedy(tmp_path: Path) -> None:
    key = tmp_path / "key"
    missing = call("chain-signer", "--key-file", str(key), *BOUNDS)
    assert missing.code == 1
    assert "--make-key" in missing.err
    key.write_text("1" * 64)
    key.chmod(0o644)
    shown = call("chain-signer", "--key-file", str(key), *BOUNDS)
    assert (shown.code, "chmod 600" in " ".join(shown.err.split())) == (1, True)
