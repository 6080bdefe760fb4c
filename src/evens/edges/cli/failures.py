"""The ways in which a command can fail, each with its exit code.

::

    Failure
    ├── Refused        1   the server refused, and trying again will not help
    ├── Misused        2   the command or its arguments are wrong
    ├── Unavailable    3   no server answers, or it cannot answer now
    └── Interrupted  130   Ctrl-C during something that can be continued

Two more codes are no failures of the command itself: 4, it is done but its result could not be printed, and 5, nothing
was to be done and the result could not be printed (:mod:`evens.edges.cli.output`).
"""

from enum import IntEnum
from typing import Any, ClassVar


class ExitCode(IntEnum):
    """The exit codes."""

    OK = 0
    REFUSED = 1
    MISUSED = 2
    UNAVAILABLE = 3
    BOOKED = 4
    UNPRINTED = 5
    INTERRUPTED = 130


class Failure(Exception):
    """Ends a command. ``str()`` is one sentence for a person, ``next_step`` what they can do about it.

    ``problem`` is the server's problem document, where there is one.
    """

    exit_code: ClassVar[ExitCode]

    def __init__(self, message: str, next_step: str | None = None, problem: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.next_step = next_step
        self.problem = problem

    @property
    def code(self) -> str | None:
        """The server's stable code of the reason, if it gave one."""
        return None if self.problem is None else self.problem.get("code")

    def document(self) -> dict[str, Any]:
        """Return the failure for programs: the server's own problem document, or one like it."""
        if self.problem is not None:
            return self.problem
        code = self.exit_code.name.lower()
        return {"title": code.capitalize(), "detail": str(self), "code": code}


class Refused(Failure):
    """The server refused."""

    exit_code = ExitCode.REFUSED


class Misused(Failure):
    """The arguments, or the file that was named, cannot be used."""

    exit_code = ExitCode.MISUSED


class Unavailable(Failure):
    """There is no server, or it cannot answer now."""

    exit_code = ExitCode.UNAVAILABLE


class Interrupted(Failure):
    """Somebody pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED
