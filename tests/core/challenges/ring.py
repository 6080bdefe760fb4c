"""A floor on which people challenge each other, in words."""

from typing import Any

from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    OfferChallenge,
    ResolveChallenge,
    RuleChallenge,
)
from evens.core.events.challenges import ChallengeAccepted, ChallengeOffered, ChallengeSettled
from evens.core.values.betting import Outcome, Side
from evens.core.values.ids import ChallengeId
from evens.core.values.odds import parse_odds
from tests.core.exchange.floor import SECOND_NS, Floor

HOUR_NS = 3600 * SECOND_NS


class Ring(Floor):
    """Challenges stand for an hour, and are on the first runner unless somebody is to resolve them."""

    def challenge(self, words: str, resolver: str | None = None, **more: Any) -> OfferChallenge:
        """Return the command that words like ``ann back 100 @ 2.50`` ask for."""
        name, side, stake_minor, _, odds = words.split()
        decided: dict[str, Any] = {"market": self.market, "runner": 1}
        if resolver is not None:
            decided = {"resolver": self.people[resolver]}
        every: dict[str, Any] = {"currency": "USD", "expires_at": self.next_at + HOUR_NS} | decided | more
        return OfferChallenge(
            self.people[name], "mine is faster", Side[side.upper()], parse_odds(odds), int(stake_minor), **every
        )

    def offer(self, words: str, resolver: str | None = None, **more: Any) -> ChallengeId:
        """Offer a challenge and return its id."""
        offered = self.do(self.challenge(words, resolver, **more))[0]
        assert isinstance(offered, ChallengeOffered), f"{words}: {offered}"
        return offered.challenge

    def accepts(self, name: str, challenge: ChallengeId) -> AcceptChallenge:
        """Return the command by which somebody accepts."""
        return AcceptChallenge(challenge, self.people[name])

    def bet(self, words: str, name: str, resolver: str | None = None, **more: Any) -> ChallengeId:
        """Offer a challenge that somebody accepts, and return its id."""
        challenge = self.offer(words, resolver, **more)
        accepted = self.do(self.accepts(name, challenge))[0]
        assert accepted == ChallengeAccepted(challenge, self.people[name])
        return challenge

    def cancels(self, name: str, challenge: ChallengeId) -> CancelChallenge:
        """Return the command by which somebody takes a challenge back."""
        return CancelChallenge(challenge, self.people[name])

    def resolves(self, name: str, challenge: ChallengeId, outcome: Outcome) -> ResolveChallenge:
        """Return the command by which somebody says how it ended."""
        return ResolveChallenge(challenge, self.people[name], outcome)

    def disputes(self, name: str, challenge: ChallengeId) -> DisputeChallenge:
        """Return the command by which somebody contests that."""
        return DisputeChallenge(challenge, self.people[name])

    def rule(self, challenge: ChallengeId, outcome: Outcome) -> ChallengeSettled:
        """Let the operator rule, and return what came of it."""
        settled = self.do(RuleChallenge(challenge, outcome))[0]
        assert isinstance(settled, ChallengeSettled)
        return settled

    def holdings(self, *names: str) -> list[tuple[int, int]]:
        """Return cash and escrow of these people."""
        return [(self.cash(name), self.escrow(name)) for name in names]

    def settlements(self) -> list[ChallengeSettled]:
        """Return everything that was booked for challenges until now."""
        return [event for entry in self.history for event in entry.events if isinstance(event, ChallengeSettled)]


def open_ring(*names: str, cash_minor: int = 1_000, **terms: Any) -> Ring:
    """Open a ring with these customers, each with some cash, and a market on these terms."""
    ring = Ring()
    ring.define("USD")
    for name in names:
        ring.join(name, USD=cash_minor)
    ring.market = ring.create(**terms)
    return ring
