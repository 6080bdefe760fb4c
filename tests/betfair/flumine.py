"""Runs programs of unmodified flumine, which has an environment of its own, and reads what they tell."""

import json
import queue
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.install_flumine import ensure

PROGRAMS = Path(__file__).with_name("programs")
PATIENCE_S = 60.0


@dataclass
class Running:
    """A program that runs. ``lines`` are what it tells, each a line of JSON, until None ends them."""

    process: "subprocess.Popen[str]"
    errors: Path
    lines: "queue.Queue[str | None]" = field(default_factory=queue.Queue[str | None])

    def read(self) -> None:
        """Read until the program has ended."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def told(self, stage: str) -> dict[str, Any]:
        """Return what the program tells next, which has to be about this stage."""
        try:
            line = self.lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            line = None
        assert line is not None, f"nothing about {stage!r}: {self.errors.read_text()}"
        facts: dict[str, Any] = json.loads(line)
        assert facts["stage"] == stage, facts
        return facts


def replayed(file: Path) -> list[dict[str, Any]]:
    """Return the books that flumine's simulation makes of a file of historic data, one after the other."""
    command = [ensure(), "-I", PROGRAMS / "replayer.py", json.dumps({"file": str(file)})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def run_program(name: str, folder: Path, configuration: dict[str, Any]) -> Generator[Running]:
    """Run a program until the end of the block; what it complains of is kept in the folder."""
    python, errors = ensure(), folder / f"{name}.stderr"
    with (
        errors.open("w") as complaints,
        subprocess.Popen(
            [python, "-I", PROGRAMS / name, json.dumps(configuration)],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as process,
    ):
        running = Running(process, errors)
        thread = threading.Thread(target=running.read)
        thread.start()
        try:
            yield running
        finally:
            process.kill()
            thread.join()
