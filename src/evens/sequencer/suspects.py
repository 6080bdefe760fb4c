"""Suspects: commands that were in a batch that cannot be stored. Each is tried alone until it is known which it was.

A condition is tried together with what depends on it. What was suspected without its condition depends on one that is
stored already, and is tried alone, too.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from evens.core.commands.every import Command
from evens.sequencer.inbox import Submission


class Suspects:
    """Remembers suspects over the loss of the house; usually there are none."""

    def __init__(self) -> None:
        self._identities: set[bytes | Command] = set()

    def add(self, submissions: Iterable[Submission]) -> None:
        """Suspect all that were together."""
        self._identities.update(submission.identity for submission in submissions)

    def clear(self, submissions: Iterable[Submission]) -> None:
        """Suspect them no longer."""
        if self._identities:
            self._identities.difference_update(submission.identity for submission in submissions)

    def isolate(self, taken: list[Submission]) -> Iterator[list[Submission]]:
        """Split what was taken so that each suspect is in a batch of its own, with what depends on it."""
        if not self._identities:
            yield taken
            return
        for is_suspect, group in groupby(taken, self._is_suspect):
            if is_suspect:
                yield from self._units(group)
            else:
                yield list(group)

    def _is_suspect(self, submission: Submission) -> bool:
        return self._depends_on_suspect(submission) or submission.identity in self._identities

    def _depends_on_suspect(self, submission: Submission) -> bool:
        condition = submission.condition
        while condition is not None and condition.identity not in self._identities:
            condition = condition.condition
        return condition is not None

    def _units(self, submissions: Iterable[Submission]) -> Iterator[list[Submission]]:
        """Yield submissions one by one, each with those that depend on it if it is suspected as well."""
        unit: list[Submission] = []
        for submission in submissions:
            if unit and not self._depends_on_suspect(submission):
                yield unit
                unit = []
            unit.append(submission)
        yield unit
