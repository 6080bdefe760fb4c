"""Processes that own a server, so that tests can kill them."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from evens.store.embedded.layout import Layout
from evens.store.embedded.processes import processes_of
from tests.store.embedded.waiting import wait_until

# Prints a line when the server answers, then lives until its standard input ends. Ctrl-C makes it ask the server
# something before it stops it, as a server that drains its work does.
PROGRAM = """
import os, sys, time
from pathlib import Path
from evens.store.embedded import start
from evens.store.embedded.provision import refusal

running = start(Path(sys.argv[1]))
child = os.fork() if "--with-a-forked-child" in sys.argv else -1
if child == 0:
    time.sleep(60)
    os._exit(0)
try:
    print("ready", running.pid, child, flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    time.sleep(0.2)
    print("alive" if running.alive() else "dead", flush=True)
running.stop()
print("stopped", flush=True)
"""


@dataclass
class Owner:
    """A process that runs PROGRAM for a data directory."""

    process: subprocess.Popen[str]
    data_dir: Path

    @classmethod
    def launch(cls, data_dir: Path, *options: str) -> "Owner":
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, data_dir, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return cls(process, data_dir)

    @property
    def pid(self) -> int:
        return self.process.pid

    def read(self) -> list[str]:
        """The words of its next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def interrupt_its_terminal(self) -> None:
        """What Ctrl-C does: a signal for the whole foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def close(self) -> None:
        """End it in whatever state it is, and wait until its server is gone too."""
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            close(stream)
        wait_until(lambda: not server_processes(self.data_dir))


def close(stream: IO[str] | None) -> None:
    assert stream is not None
    stream.close()


def server_processes(data_dir: Path) -> list[int]:
    """The PostgreSQL processes of a data directory."""
    return processes_of(Layout.of(data_dir).cluster)


def parent_of(pid: int) -> int:
    """The process id of the parent of `pid`."""
    status = Path(f"/proc/{pid}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])
