"""Recalling challenges: those that a market's result has settled come back when the result is corrected.

The house forgets a challenge on a market when it is settled and the market's result is booked. When a corrected result
is booked, ``RecallChallenges`` stands on the agenda as long work. Each time it is given, the next challenges come back
from the tables, :data:`CHALLENGES_PER_PART` of them, in order of their ids; what is due for each of them at once is to
be settled anew (``SettleChallenge``). What comes back is recorded, so that a replay of the journal needs no tables.

Example: 300 challenges on market 7 were settled under its first result, and two with a runner that was removed. The
second result is booked: ``RecallChallenges(7)`` recalls the 300, which are settled anew and forgotten again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from evens.core.challenges.challenge import Challenge
from evens.core.challenges.state import Challenges
from evens.core.commands.challenges import RecallChallenges
from evens.core.events.challenges import BookedChallenge, ChallengesRecalled
from evens.core.values.betting import ChallengeStatus
from evens.core.values.ids import ChallengeId, MarketId

CHALLENGES_PER_PART: Final = 200
"""How many challenges one part recalls."""


@dataclass(frozen=True, slots=True)
class ChallengesBooked:
    """What is recalled: challenges that were settled before this result of their market, as :class:`BookedChallenge`.

    Those on removed runners are left out. They are the first ``limit`` with ids above ``after``, in order of their ids.
    """

    market: MarketId
    settlement: int
    after: ChallengeId
    limit: int


def recall_for_correction(challenges: Challenges, command: RecallChallenges) -> ChallengesBooked | None:
    """Ask for the next challenges on a market whose corrected result is booked."""
    settlement = challenges.booked(command.market)
    if settlement is None:
        return None
    after = challenges.recalled_up_to.get(command.market, ChallengeId(0))
    return ChallengesBooked(command.market, settlement, after, CHALLENGES_PER_PART)


def recall_challenges(
    challenges: Challenges,
    command: RecallChallenges,
    seq: int,
    at: int,
    recalled: tuple[BookedChallenge, ...] = (),
) -> Iterator[ChallengesRecalled]:
    """Take in the next challenges. None is due while yet another correction is being booked, which begins this anew."""
    yield ChallengesRecalled(command.market, recalled)


def apply_challenges_recalled(challenges: Challenges, event: ChallengesRecalled) -> None:
    """Remember the challenges, and settle them anew at once; if there are none, all have come."""
    if not event.challenges:
        challenges.recalled_up_to.pop(event.market, None)
        challenges.agenda.finish(RecallChallenges(event.market))
        return
    challenges.recalled_up_to[event.market] = event.challenges[-1].terms.challenge
    for booked in event.challenges:
        if booked.terms.challenge not in challenges.by_id:
            outcome = booked.settled.outcome
            challenges.add(
                Challenge(booked.terms, ChallengeStatus.SETTLED, booked.acceptor, outcome, None, booked.settled)
            )
