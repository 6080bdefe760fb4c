"""Quarantine: commands that can never be booked. They are refused for good, and the operator can see them.

The rules broke on them, or no batch can be stored with them. Of a batch that cannot be stored it is not known which
command is at fault: each is suspected, and tried alone when it comes again.
"""

from collections.abc import MutableMapping, Sequence

from evens.sequencer.chores import Chores
from evens.sequencer.errors import CommandFailed, ConditionRefused
from evens.sequencer.inbox import HOUSE_ACTOR, Submission
from evens.sequencer.journal import Journal
from evens.sequencer.publisher import refuse
from evens.sequencer.suspects import Suspects


class Quarantine:
    """Remembers the commands in quarantine, and writes new ones down in the journal.

    ``in_flight`` are the submissions under way by the id of their command: whoever waits for one that is set aside is
    refused and no longer in there.
    """

    def __init__(self, journal: Journal, chores: Chores, in_flight: MutableMapping[bytes, Submission]) -> None:
        self._journal = journal
        self._chores = chores
        self._in_flight = in_flight
        self._command_ids: set[bytes] = set()
        self.suspects = Suspects()

    def __contains__(self, command_id: bytes) -> bool:
        return command_id in self._command_ids

    async def load(self) -> None:
        """Read which commands were set aside before."""
        self._command_ids.update(await self._journal.quarantined())

    async def set_aside(self, submission: Submission, error: str) -> None:
        """Refuse a command for good. Raises what the journal raises if it cannot be written down."""
        if submission.actor == HOUSE_ACTOR:
            # It would come back by itself, so it must be set aside even if nothing can be written.
            self._chores.exclude(submission.command)
        await self._journal.quarantine(submission.command_id, submission.actor, submission.command, error)
        self._command_ids.add(submission.command_id)
        self.suspects.clear([submission])
        refuse(self._in_flight.pop(submission.command_id), CommandFailed())

    async def suspect(self, submissions: Sequence[Submission], error: Exception) -> None:
        """Set aside the command of a batch that cannot be stored; of several, try each alone when it comes again.

        What depends on a command is stored with it or not at all, so it goes with it.
        """
        first, *others = submissions
        if all(submission.depends_on(first) for submission in others):
            await self.set_aside(first, repr(error))
            first.is_refused = True
            for submission in others:
                self.bar(submission)
        else:
            self.suspects.add(submissions)

    def bar(self, submission: Submission) -> bool:
        """Refuse a command under way whose condition is not met; return whether it was one."""
        if submission.is_barred:
            refuse(self._in_flight.pop(submission.command_id), ConditionRefused())
            return True
        return False
