"""What is decided together: suspects alone, and many commands by halves where nothing commits."""

from collections.abc import Iterator
from typing import Final

from evens.sequencer.inbox import Submission
from evens.sequencer.suspects import Suspects

SPLIT_MIN: Final = 32
"""How many commands are worth two commits, if the second half can be decided during the first."""


def groups(taken: list[Submission], suspects: Suspects, *, idle: bool) -> Iterator[list[Submission]]:
    """Yield what was taken in order, in groups that are decided and committed each together.

    ``idle`` says that nothing commits now. A condition and what depends on it are in one group.
    """
    for group in suspects.isolate(taken):
        half = len(group) // 2 if idle and len(group) >= SPLIT_MIN else len(group)
        while half < len(group) and group[half].condition is not None:
            half += 1
        yield from filter(None, (group[:half], group[half:]))
