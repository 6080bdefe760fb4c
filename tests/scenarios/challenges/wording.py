"""Scenarios about challenges and the core's own language: deeds as commands, and events as outcomes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    OfferChallenge,
    ResolveChallenge,
    RuleChallenge,
)
from evens.core.commands.every import Command
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
)
from evens.core.events.every import Event
from evens.core.state import House
from evens.core.values import betting
from evens.core.values.betting import Side
from evens.core.values.ids import ChallengeId, CustomerId
from evens.core.values.money import format_minor, parse_amount
from evens.core.values.odds import parse_odds
from tests.core.desk import NOON
from tests.scenarios.challenges import deeds
from tests.scenarios.challenges.deeds import ChallengeDeed
from tests.scenarios.driver import Outcome

NOTHING: Final = 2**48
"""A challenge that does not exist."""

IN_A_YEAR: Final = NOON + 365 * 24 * 3600 * 10**9

RESULTS: Final[Mapping[type[Command], str]] = {
    OfferChallenge: "offered",
    AcceptChallenge: "accepted",
    CancelChallenge: "cancelled",
    ResolveChallenge: "resolved",
    DisputeChallenge: "disputed",
    RuleChallenge: "settled",
}
"""How a scenario calls what comes of a command that is not refused."""


class ChallengeWording:
    """Knows which challenges the names of a scenario stand for, as far as receipts have told.

    ``runner`` finds a market and a runner in it by their names.
    """

    def __init__(
        self,
        customer: Callable[[str], int],
        scale: Callable[[str], int],
        runner: Callable[[str, str], tuple[int, int]],
    ) -> None:
        self._customer = customer
        self._scale = scale
        self._runner = runner
        self._challenges: dict[str, tuple[int, int]] = {}

    def command(self, deed: ChallengeDeed) -> Command:
        """Return a deed as a command."""
        if isinstance(deed, deeds.Offer):
            return self._offer(deed)
        challenge = self._id(deed.name)
        match deed:
            case deeds.Accept(who):
                return AcceptChallenge(ChallengeId(challenge), CustomerId(self._customer(who)))
            case deeds.TakeBack(who):
                return CancelChallenge(ChallengeId(challenge), CustomerId(self._customer(who)))
            case deeds.Say(who, _, outcome):
                return ResolveChallenge(
                    ChallengeId(challenge), CustomerId(self._customer(who)), betting.Outcome[outcome.upper()]
                )
            case deeds.Dispute(who):
                return DisputeChallenge(ChallengeId(challenge), CustomerId(self._customer(who)))
            case deeds.Rule(_, outcome):
                return RuleChallenge(ChallengeId(challenge), betting.Outcome[outcome.upper()])

    def _offer(self, offer: deeds.Offer) -> OfferChallenge:
        decided: dict[str, Any] = {}
        if offer.market is not None and offer.runner is not None:
            decided["market"], decided["runner"] = self._runner(offer.market, offer.runner)
        else:
            decided["resolver"] = self._customer(offer.resolver or "")
        return OfferChallenge(
            CustomerId(self._customer(offer.who)),
            offer.matter or f"{offer.runner} wins",
            Side[offer.side.upper()],
            parse_odds(offer.odds),
            parse_amount(offer.stake, self._scale(offer.code)),
            offer.code,
            IN_A_YEAR if offer.expires_at is None else offer.expires_at,
            offer.public,
            fee_bps=offer.fee_bps,
            dispute_window_ms=offer.dispute_window_s * 1000,
            resolve_within_ms=offer.resolve_within_s * 1000,
            **decided,
        )

    def _id(self, name: str) -> int:
        return self._challenges.get(name, (NOTHING, 0))[0]

    def learn(self, deed: ChallengeDeed, happened: Iterable[Event]) -> None:
        """Remember what the name in an offer stands for, now that it was made."""
        for event in happened:
            if isinstance(deed, deeds.Offer) and isinstance(event, ChallengeOffered):
                self._challenges[deed.name] = event.challenge, self._scale(deed.code)

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, if it is one about a challenge."""
        result = RESULTS.get(type(command))
        return None if result is None else Outcome(result, replayed=replayed)

    def challenge(self, _house: House, happened: Iterable[Event], name: str) -> Outcome:
        """Return how a challenge stands after all that happened."""
        challenge, scale = self._challenges[name]
        standing = Outcome("unknown")
        for event in happened:
            match event:
                case ChallengeOffered() if event.challenge == challenge:
                    standing = Outcome("offered")
                case ChallengeAccepted() if event.challenge == challenge:
                    standing = Outcome("accepted")
                case ChallengeClosed() if event.challenge == challenge:
                    standing = Outcome(event.status.name.lower())
                case ChallengeResolved() if event.challenge == challenge:
                    standing = Outcome("resolved", {"outcome": event.outcome.name.lower()})
                case ChallengeDisputed() if event.challenge == challenge:
                    standing = Outcome("disputed", standing.facts)
                case ChallengeSettled() if event.challenge == challenge:
                    facts = {"outcome": event.outcome.name.lower(), "fee": format_minor(event.fee_minor, scale)}
                    standing = Outcome("settled", facts)
                case _:
                    pass
        return standing
