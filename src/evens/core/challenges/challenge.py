"""Challenges: two people bet each other directly, on a runner of a market or on what a resolver is to say.

The odds are fixed between the two: what happens to other runners, or to the odds in the market, changes nothing.
"""

from typing import Final

from evens.core.commands.challenges import ExpireChallenge, PayChallenge, ReturnChallenge, SettleChallenge
from evens.core.events.challenges import ChallengeOffered, ChallengeSettled
from evens.core.ledger.agenda import AT_ONCE
from evens.core.values.betting import ChallengeStatus, Outcome, Side
from evens.core.values.ids import ChallengeId, CustomerId
from evens.core.values.odds import ODDS_UNIT, settle_minor

_MS_NS: Final = 1_000_000

ChallengeChore = ExpireChallenge | PayChallenge | ReturnChallenge | SettleChallenge
"""A command about a challenge that the house gives itself."""


class Challenge:
    """A challenge that can still change. ``acceptor``, ``outcome`` and what follows are ``None`` until they are known.

    ``settled`` is what was booked last. Once settled, a challenge on a market stays until the market is archived, for
    its result may be corrected; one with a resolver is over. ``lapsing`` is whether its market has turned in-play since
    it was offered: who accepts it then knows more than who offered it.
    """

    __slots__ = ("acceptor", "lapsing", "outcome", "payable_at", "settled", "status", "terms")

    def __init__(
        self,
        terms: ChallengeOffered,
        status: ChallengeStatus = ChallengeStatus.OFFERED,
        acceptor: CustomerId | None = None,
        outcome: Outcome | None = None,
        payable_at: int | None = None,
        settled: ChallengeSettled | None = None,
        lapsing: bool = False,
    ) -> None:
        self.terms = terms
        self.status = status
        self.acceptor = acceptor
        self.outcome = outcome
        self.payable_at = payable_at
        self.settled = settled
        self.lapsing = lapsing

    @property
    def id(self) -> ChallengeId:
        """The seq of the command that offered it."""
        return self.terms.challenge

    def staked_minor(self, side: Side) -> int:
        """Return what a side has in escrow: all that it can lose."""
        return self.terms.stake_minor if side is Side.BACK else self.terms.profit_minor

    def held_minor(self) -> list[tuple[CustomerId, int]]:
        """Return whose money is in escrow now, and how much of it."""
        if self.settled is not None:
            return []
        held = [(self.terms.customer, self.staked_minor(self.terms.side))]
        if self.acceptor is not None:
            held.append((self.acceptor, self.staked_minor(other_side(self.terms.side))))
        return held

    def sides(self) -> tuple[CustomerId, CustomerId]:
        """Return the backer and the layer of a challenge that was accepted."""
        assert self.acceptor is not None
        if self.terms.side is Side.BACK:
            return self.terms.customer, self.acceptor
        return self.acceptor, self.terms.customer

    def profits_minor(self, outcome: Outcome, share: int, parts: int) -> tuple[int, int]:
        """Return what the backer and the layer win (lose if negative) if the runner has ``share`` of ``parts``.

        Without a dead heat that is 1 or 0 of 1, and the profit of one is the loss of the other.
        """
        if outcome is Outcome.VOID:
            return 0, 0
        won = share * (self.terms.stake_minor + self.terms.profit_minor) - parts * self.terms.stake_minor
        return settle_minor(ODDS_UNIT * won, parts), settle_minor(-ODDS_UNIT * won, parts)

    def next_step(self, removed: bool, settlement: int | None, frozen: bool) -> tuple[int, ChallengeChore] | None:
        """Return when the house has to do what; ``None`` while that is up to people or the market.

        ``removed`` says whether the runner was, ``settlement`` which result of the market stands, if one does, and
        ``frozen`` whether the challenger is.
        """
        if self.status is ChallengeStatus.OFFERED:
            decided = removed or settlement is not None or self.lapsing or frozen
            return AT_ONCE if decided else self.terms.expires_at, ExpireChallenge(self.id)
        if self.status is ChallengeStatus.ACCEPTED and (returned_at := resolve_by(self.terms)) is not None:
            return returned_at, ReturnChallenge(self.id)
        if self.status is ChallengeStatus.RESOLVED and self.payable_at is not None:
            return self.payable_at, PayChallenge(self.id)
        if removed:
            due = self.settled is None
        else:
            due = settlement is not None and (self.settled is None or self.settled.settlement != settlement)
        return (AT_ONCE, SettleChallenge(self.id)) if due else None

    def text(self) -> str:
        """Return everything about the challenge in one line."""
        text = f"challenge {self.status} {self.acceptor} {self.outcome} {self.payable_at} {self.settled} {self.terms}"
        within_ms = self.terms.resolve_within_ms
        return text + (f" within {within_ms}" if within_ms else "") + (" lapsing" if self.lapsing else "")


def resolve_by(terms: ChallengeOffered) -> int | None:
    """Return until when somebody has to say how a challenge ended; ``None`` if there is all the time in the world."""
    if terms.resolver is None or not terms.resolve_within_ms:
        return None
    return terms.expires_at + terms.resolve_within_ms * _MS_NS


def backer_profit_minor(stake_minor: int, odds: int) -> int:
    """Return what the backer of a challenge wins and the layer loses: the one time that something is rounded, down."""
    return settle_minor(stake_minor * (odds - ODDS_UNIT))


def other_side(side: Side) -> Side:
    """Return the side that whoever accepts takes."""
    return Side.LAY if side is Side.BACK else Side.BACK
