"""Every place that starts a task or a thread is known, with what happens when it ends."""

import ast
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "evens"

STARTERS = {"create_task", "ensure_future", "Thread", "TaskGroup"}

KNOWN: Mapping[str, str] = {
    "demo/command.py:begin": "any exception ends the demo",
    "demo/command.py:_simulate": "any exception ends the demo",
    "edges/betfair/stream/accepting.py:_admit": "one connection; what is not opened gives its place back",
    "edges/betfair/stream/stream.py:_accept": "one client; any exception ends its connection",
    "edges/http/pools/proofs.py:of": "one proof, which callers await",
    "edges/http/protocol/recent.py:get": "one page, which callers await",
    "edges/jobs/deliverer.py:_begin": "one attempt; what is not recorded falls due again",
    "edges/stream/hub.py:_begin": "one loading; any exception ends the topic's subscriptions",
    "edges/stream/running.py:run_beside": "the first that ends makes the stream's own task raise",
    "feeds/line/sharing.py:_begin": "one pull, which callers await; the next three seconds begin another",
    "feeds/rounds/scheduler.py:_ask_for": "one asking within a fence; what is not decided is asked again",
    "identity/api_keys.py:_begin_lookup": "one look-up, which callers await",
    "program/line_provider.py:_answer": "answering requests: its end is the process's end",
    "program/server.py:serve": "answering requests: its end is the process's end",
    "program/server.py:_first": "waits for the end",
    "program/supervisor.py:keep": "the keeper",
    "program/supervisor.py:_run": "begun again by the keeper",
    "sequencer/sequencer.py:_start": "awaited at once",
    "sequencer/sequencer.py:_write": "the group makes the sequencer lead again",
    "store/embedded/dumping.py:dump": "one program, which is awaited",
    "store/embedded/dumping.py:load": "one program, which is awaited",
    "store/auditing/audit.py:_compare_pages": "one page, which is awaited",
    "store/journal.py:_follow_topics": "its end makes the sequencer lead again",
}
"""Where tasks are started, and why none of them can die unnoticed. What is long-lived belongs to the supervisor."""


def starters(sources: Mapping[str, str]) -> set[str]:
    """Return each function that starts tasks or threads, as ``path:function``."""
    found: set[str] = set()
    for path, text in sources.items():
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and _name(call.func) in STARTERS:
                        found.add(f"{path}:{function.name}")
    return found


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_every_task_has_somebody_who_notices_its_end() -> None:
    """Hold 2: a new task must be kept by the supervisor, or be entered here with who notices that it ended."""
    sources = {str(path.relative_to(SOURCE)): path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    assert starters(sources) == set(KNOWN)


def test_a_task_that_nobody_keeps_is_found() -> None:
    text = "async def open_door():\n    asyncio.create_task(knock())\n"
    assert starters({"edges/door.py": text}) == {"edges/door.py:open_door"}
