"""Start the embedded PostgreSQL of a data directory, or attach to the one that runs."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from evens.store.embedded.account import Account, choose_account
from evens.store.embedded.binaries import Binaries, find_binaries
from evens.store.embedded.cluster import check_cluster, is_made, locate_cluster, make_cluster
from evens.store.embedded.config import Settings, check_settings, server_argv, write_configuration
from evens.store.embedded.errors import DataDirectoryInUse, DataDirectoryUnusable, PlatformUnsupported, StartFailed
from evens.store.embedded.layout import Layout
from evens.store.embedded.locks import FileLock, recorded_pid
from evens.store.embedded.processes import (
    discard_stale_files,
    live_postmaster,
    outlast_leftovers,
    processes_of,
    read_postmaster_file,
)
from evens.store.embedded.provision import provision, refusal
from evens.store.embedded.running import Ownership, Running
from evens.store.embedded.server_log import ServerLog
from evens.store.embedded.socket_directory import choose_socket_directory
from evens.store.embedded.watched import WatchedProgram

START_TIMEOUT_S = 120.0
ATTACH_TIMEOUT_S = 10.0
ABORT_PATIENCE_S = 10.0
OWNER_PATIENCE_S = 1.0
POLL_S = 0.005
REPORT_EVERY_S = 2.0
NO_SETTINGS: Settings = MappingProxyType({})

Report = Callable[[str], None]


def start(
    data_dir: Path,
    *,
    settings: Settings = NO_SETTINGS,
    timeout_s: float = START_TIMEOUT_S,
    report: Report = lambda _: None,
) -> Running:
    """Start the server of `data_dir` and own it until `Running.stop` or the end of this process.

    The directory and the database are made if they are missing. The server ends with this process, in whatever way that
    ends. Processes and files that an earlier owner left behind are cleaned up.

    Args:
        data_dir: the data directory; `postgres*`, `lock` and `socket_directory` in it are for this server alone.
        settings: server settings by name, which override the defaults; those that make commits durable are fixed.
        timeout_s: how long the server may write nothing to its log before it is ready. Crash recovery that shows
            progress in the log may take longer.
        report: called with a few words about each step that takes long.

    Raises:
        DataDirectoryInUse: another process, or this one, owns its server.
        EmbeddedPostgresError: something else must be put right first; the message says how.
    """
    check_settings(settings)
    if sys.platform not in ("linux", "darwin"):
        raise PlatformUnsupported(
            f"the embedded PostgreSQL does not run on {sys.platform}: set DATABASE_URL to a PostgreSQL server"
        )
    layout = Layout.of(data_dir)
    make_data_dir(layout)
    # An owner that was killed a moment ago holds the lock until the kernel has ended the whole process.
    lock = FileLock.take_within(OWNER_PATIENCE_S, layout.owner_lock)
    if lock is None:
        raise DataDirectoryInUse(layout.root, recorded_pid(layout.owner_lock))
    try:
        lock.write_pid()
        if layout.staging.exists():
            raise DataDirectoryUnusable(
                f"a backup was being restored into {layout.root} and that did not end: restore it again, or delete "
                f"{layout.staging} to begin without it"
            )
        return _Start.prepare(layout, timeout_s, report).run(settings, lock)
    except BaseException:
        lock.close()
        raise


def attach(data_dir: Path, *, timeout_s: float = ATTACH_TIMEOUT_S) -> Running | None:
    """Return the server of `data_dir` that another process owns; None if none runs, or if it is stopping.

    Waits for a server that is just starting. `stop` of the result does nothing.

    Raises:
        DataDirectoryUnusable: the data belongs to another user.
        StartFailed: it runs, but this process could not connect within `timeout_s`.
    """
    layout = Layout.of(data_dir)
    cluster = layout.cluster.resolve()
    binaries: Binaries | None = None
    reason: str | None = "it is still starting"
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            found = live_postmaster(cluster)
        except PermissionError as error:
            raise DataDirectoryUnusable(f"{cluster} belongs to another user: run as its owner, or as root") from error
        if found is None or found.status == "stopping":
            return None
        if found.status == "ready":
            binaries = binaries or find_binaries(choose_account(cluster))
            socket_directory = Path(found.socket_directory)
            reason = refusal(socket_directory, binaries)
            if reason is None:
                return Running(
                    layout, cluster=cluster, socket_directory=socket_directory, pid=found.pid, binaries=binaries
                )
        time.sleep(POLL_S)
    raise StartFailed(f"PostgreSQL runs in {layout.root}, but does not let this process in: {reason}; see {layout.log}")


def make_data_dir(layout: Layout) -> None:
    """Make the data directory if it is missing. Raises :class:`DataDirectoryUnusable`."""
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
        fresh = not any(layout.root.iterdir())
    except (FileExistsError, NotADirectoryError):
        raise DataDirectoryUnusable(f"{layout.root} is not a directory: choose another data directory") from None
    except OSError as error:
        raise DataDirectoryUnusable(f"cannot use {layout.root}: {error.strerror}") from error
    if fresh and os.geteuid() == 0:
        # A new directory: the account that the server runs as must be able to pass through it.
        layout.root.chmod(0o711)


@dataclass(frozen=True, slots=True)
class _Start:
    """One start of the server. The caller holds the owner lock of the data directory."""

    layout: Layout
    account: Account
    binaries: Binaries
    cluster: Path
    timeout_s: float
    report: Report

    @classmethod
    def prepare(cls, layout: Layout, timeout_s: float, report: Report) -> "_Start":
        account = choose_account(layout.cluster)
        binaries = find_binaries(account)
        cluster = locate_cluster(layout, account)
        if cluster != layout.cluster:
            report(f"the database is in {cluster}: user {account.name!r} cannot reach {layout.root}")
        return cls(layout, account, binaries, cluster, timeout_s, report)

    def run(self, settings: Settings, lock: FileLock) -> Running:
        server_lock = outlast_leftovers(self.layout.server_lock, self.cluster, self.report)
        try:
            log = ServerLog(self.layout.log)
            try:
                return self._run(settings, lock, server_lock, log)
            finally:
                log.close()
        finally:
            # From here on only the server's processes hold the lock.
            server_lock.close()

    def _run(self, settings: Settings, lock: FileLock, server_lock: FileLock, log: ServerLog) -> Running:
        self._refuse_strangers()
        if not is_made(self.cluster):
            self.report("making the database")
            make_cluster(
                self.cluster,
                account=self.account,
                binaries=self.binaries,
                run=lambda argv: self._run_to_end(argv, server_lock, log),
            )
        check_cluster(self.cluster, account=self.account, binaries=self.binaries)
        socket_directory = choose_socket_directory(self.layout, self.cluster, self.account)
        discard_stale_files(self.cluster, socket_directory)
        write_configuration(self.cluster, account=self.account, binaries=self.binaries, settings=settings)
        argv = server_argv(self.cluster, self.binaries, socket_directory)
        program = WatchedProgram(argv, account=self.account, log=log.fd, lock=server_lock)
        try:
            self._await_ready(program, log)
            provision(socket_directory, self.binaries, log.path)
        except BaseException:
            program.stop(ABORT_PATIENCE_S)
            raise
        return Running(
            self.layout,
            cluster=self.cluster,
            socket_directory=socket_directory,
            pid=program.pid,
            binaries=self.binaries,
            ownership=Ownership(lock, program, self.account),
        )

    def _refuse_strangers(self) -> None:
        """Raise if processes serve this cluster already.

        A copied data directory has its own locks, but its link may lead to the same cluster as the original's.
        """
        if strangers := processes_of(self.cluster):
            main = live_postmaster(self.cluster)
            raise DataDirectoryInUse(self.layout.root, main.pid if main else strangers[0])

    def _run_to_end(self, argv: Sequence[str], server_lock: FileLock, log: ServerLog) -> None:
        program = WatchedProgram(argv, account=self.account, log=log.fd, lock=server_lock)
        try:
            status = program.wait()
        finally:
            program.stop(ABORT_PATIENCE_S)
        if status != 0:
            raise StartFailed(f"{argv[0]} ended with status {status}:\n{log.tail()}\nThe whole log: {log.path}")

    def _await_ready(self, program: WatchedProgram, log: ServerLog) -> None:
        began = heard = reported = time.monotonic()
        size = log.size()
        while True:
            now = time.monotonic()
            if (status := program.exit_status()) is not None:
                raise StartFailed(f"PostgreSQL ended with status {status}:\n{log.tail()}\nThe whole log: {log.path}")
            found = read_postmaster_file(self.cluster)
            if found is not None and found.pid == program.pid and found.status == "ready":
                return
            if log.size() != size:
                size, heard = log.size(), now
            if now - heard > self.timeout_s:
                raise StartFailed(
                    f"PostgreSQL was not ready after {now - began:.0f} s:\n{log.tail()}\nThe whole log: {log.path}"
                )
            if now - reported >= REPORT_EVERY_S:
                reported = now
                self.report(f"PostgreSQL is starting, {now - began:.0f} s so far: {log.tail(1)}")
            time.sleep(POLL_S)
