"""The real command: it starts, keeps its key, and tells after kill -9 what it had not told before."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.jobs.receiver import Receiver, Reply
from tests.line_provider.conftest import in_s
from tests.waiting import until

pytestmark = pytest.mark.anyio


def start(folder: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    command = [sys.executable, "-c", "from evens.main import cli; cli()", "line-provider", "--json", "--port", "0"]
    process = subprocess.Popen([*command, "--data", str(folder)], stdout=subprocess.PIPE, stderr=None, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    while True:
        line = process.stdout.readline()
        assert line, "the provider ended"
        lines.append(line)
        try:
            return process, json.loads("".join(lines))
        except ValueError:
            continue


def end(process: subprocess.Popen[str], number: int) -> int:
    with process:
        os.kill(process.pid, number)
        return process.wait(60)


async def test_nothing_is_lost_by_a_kill(tmp_path: Path, receiver: Receiver) -> None:
    async def refuse(_request: object) -> Reply:
        return Reply(503)

    receiver.behave = refuse
    folder = tmp_path / "line"
    process, serving = start(folder)
    key_file = Path(serving["key_file"])
    assert key_file.stat().st_mode & 0o777 == 0o600
    key = {"Authorization": f"Bearer {key_file.read_text().strip()}"}
    try:
        async with httpx2.AsyncClient(base_url=serving["url"], headers=key) as http:
            await http.put("/webhooks", json={"url": receiver.url})
            body = {"id": "m-1", "title": "Rain?", "deadline": in_s(60), "coefficient": "1.50"}
            assert (await http.post("/events", json=body)).status_code == 201
            assert (await http.patch("/events/m-1", json={"status": "FINISHED_WIN"})).status_code == 200
    finally:
        end(process, signal.SIGKILL)
    receiver.requests.clear()
    receiver.behave = receiver.answer_in_turn
    process, serving = start(folder)
    try:
        await until(lambda: {"msg_1", "msg_2"} <= {each.id for each in receiver.requests})
        ids = [each.id for each in receiver.requests if each.id in {"msg_1", "msg_2"}]
        # One that was under way at the kill can come in after it, and comes once more: ids tell.
        assert list(dict.fromkeys(ids)) == ["msg_1", "msg_2"]
        async with httpx2.AsyncClient(base_url=serving["url"]) as http:
            assert (await http.get("/changes")).json()["last"] == 2
    finally:
        status = end(process, signal.SIGINT)
    assert status == 0
