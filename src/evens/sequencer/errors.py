"""What a caller may get instead of a receipt.

::

    NotBooked                 nothing became of the command, or nobody can tell yet
    ├── Overloaded            the inbox is full; surely not booked by this attempt
    ├── NotLeading            this server does not write now (starting, standing by, database down); the same
    ├── OutcomeUnknown        the commit was interrupted; ask again under the same key
    ├── CommandFailed         the rules broke on this command; surely not booked, and it will not be tried again
    └── ConditionRefused      the command that this one was submitted behind was refused; surely not booked
    KeyReused                 the key already stands for another command

:class:`ChoreRefused` is for the operator: nobody waits for a chore. :class:`ClockBehind` ends an attempt to lead.
"""

from evens.core.commands.every import Command
from evens.core.values.moments import format_time
from evens.core.values.reasons import Reason


class NotBooked(Exception):
    """No receipt can be given. ``str()`` is a sentence for the caller."""


class Overloaded(NotBooked):
    """More commands are waiting than may wait."""

    def __init__(self) -> None:
        super().__init__("Too many commands are waiting; try again in a moment.")


class NotLeading(NotBooked):
    """This server is not the one that writes at the moment."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This server cannot book anything now: {why}.")


class OutcomeUnknown(NotBooked):
    """The command may or may not have been booked; the same key gives the answer once the journal can be read."""

    def __init__(self) -> None:
        super().__init__(
            "The connection to the journal broke before the outcome was known; ask again with the same key."
        )


class CommandFailed(NotBooked):
    """A bug in the rules stopped this command; it was set aside for the operator and changed nothing."""

    def __init__(self) -> None:
        super().__init__("This command could not be decided and was set aside for inspection; nothing was booked.")


class ConditionRefused(NotBooked):
    """The command that was the condition of this one was refused, or could not be booked; so this one was not tried."""

    def __init__(self) -> None:
        super().__init__("The command that this one depends on was not accepted, so nothing was booked for this one.")


class KeyReused(Exception):
    """The idempotency key was used before, with another command."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used before with a different request.")


class ChoreRefused(Exception):
    """The house refused what it has to do of itself, and still has to: a bug in the rules."""

    def __init__(self, chore: Command, reason: Reason) -> None:
        super().__init__(f"{chore!r} was refused ({reason}); it is set aside until this server starts again")


class ClockBehind(Exception):
    """The journal's last record is from the future of this server's clock. ``str()`` says so as the end of a sentence.

    One of the two is wrong. If this server led, everything that it records would have to follow a time that has not
    come: what is due would be due too early or too late, and betting would end at the wrong moment.
    """

    def __init__(self, last_at: int) -> None:
        super().__init__(
            f"the journal's last record is from {format_time(last_at)}, which this server's clock has not reached; "
            "set the clock right, or wait"
        )
