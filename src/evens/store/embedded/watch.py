"""The watcher: a small process between the owner of a PostgreSQL server and the server itself.

    owner ──pipe──► watcher ──parent-death signal──► PostgreSQL

When the owner ends, in whatever way, the pipe closes and the watcher shuts PostgreSQL down. When the watcher is killed,
the kernel tells PostgreSQL to shut down. The owner cannot use the kernel's parent-death signal itself, because the
kernel sends it when the *thread* that started the child ends. The watcher has its own session, so that Ctrl-C in a
terminal reaches only the owner, which stops the server when its own work is finished.

The watcher is run as a file with `python -I -S`, so that it starts fast. It imports only the standard library.

Usage: watch.py UID GID PROGRAM ARGUMENT...   (UID and GID -1: do not change the user)
stdin: one byte for each signal to send (see SIGNALS); its end means that the owner has ended.
stdout: the process id of PROGRAM, then nothing more. stderr: becomes stdout and stderr of PROGRAM.
Exit status: that of PROGRAM, or 128 + the number of the signal that ended it.
"""

import ctypes
import os
import select
import signal
import sys
import time

SIGNALS = {b"f": signal.SIGINT, b"i": signal.SIGQUIT, b"k": signal.SIGKILL}  # fast, immediate, kill
ABANDONED = [(signal.SIGINT, 60.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 15.0)]  # and how long to wait after each
REQUESTS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
STAY = -1


def main(arguments: list[str]) -> int:
    """Run the program that `arguments` name until it ends, and return its exit status."""
    uid, gid, argv = int(arguments[0]), int(arguments[1]), arguments[2:]
    # Only the pipe decides when the program ends. A signal to the whole terminal or service must not end the watcher.
    # The signals are blocked, not ignored: one that is sent to the forked child before it has become the program
    # must still reach the program.
    signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS_TO_END)
    wake = _wake_on_child_exit()
    program = _spawn(argv, uid, gid)
    try:
        os.write(1, f"{program}\n".encode())
        os.close(1)
    except BrokenPipeError:
        pass  # The owner has ended already; the end of stdin will say so.
    return _exit_status(_watch_over(program, wake))


def _wake_on_child_exit() -> int:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    return read_end


def _spawn(argv: list[str], uid: int, gid: int) -> int:
    # Loaded before the fork, because loading after it is not safe.
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    watcher = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        _become(argv, uid, gid, libc, watcher)
    except BaseException as error:
        os.write(2, f"cannot run {argv[0]}: {error}\n".encode())
    os._exit(127)


def _become(argv: list[str], uid: int, gid: int, libc: ctypes.CDLL | None, watcher: int) -> None:
    """Replace the forked child by the program."""
    for number in (*REQUESTS_TO_END, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    if uid != STAY:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if libc is not None:
        # Set after the change of user, because that clears it.
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != watcher:
            raise ProcessLookupError("the watcher ended meanwhile")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS_TO_END)
    os.execv(argv[0], argv)


def _watch_over(program: int, wake: int) -> int:
    """Pass signals on until the program ends, and return its wait status."""
    sources = [0, wake]
    escalation = iter(ABANDONED)
    due: float | None = None
    while True:
        ended, status = os.waitpid(program, os.WNOHANG)
        if ended:
            return status
        patience = None if due is None else max(0.0, due - time.monotonic())
        ready, _, _ = select.select(sources, [], [], patience)
        if wake in ready:
            os.read(wake, 4096)
        if 0 in ready:
            command = os.read(0, 1)
            if command:
                os.kill(program, SIGNALS[command])
            else:
                sources.remove(0)
                due = time.monotonic()
        if due is not None and time.monotonic() >= due:
            number, patience = next(escalation, ABANDONED[-1])
            os.kill(program, number)
            due = time.monotonic() + patience


def _exit_status(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
