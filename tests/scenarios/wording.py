"""Scenarios and the core's own language: the wordings of all products, joined.

A new product has its wording in a folder of its own, and a line in each table of :class:`Wording`.
"""

from collections.abc import Callable, Iterable, Mapping
from types import UnionType
from typing import Any, Protocol

from evens.core.commands.every import Command
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected
from evens.core.state import House
from tests.scenarios.challenges.deeds import ChallengeDeed
from tests.scenarios.challenges.wording import ChallengeWording
from tests.scenarios.deeds import Deed
from tests.scenarios.driver import Outcome
from tests.scenarios.exchange.deeds import ExchangeDeed
from tests.scenarios.exchange.wording import ExchangeWording
from tests.scenarios.fixed_odds.deeds import FixedOddsDeed
from tests.scenarios.fixed_odds.wording import FixedOddsWording
from tests.scenarios.following.deeds import FollowDeed
from tests.scenarios.following.wording import FollowWording
from tests.scenarios.pools.deeds import PoolDeed
from tests.scenarios.pools.wording import PoolWording
from tests.scenarios.wallets.deeds import WalletDeed
from tests.scenarios.wallets.wording import WalletWording


class ProductWording(Protocol):
    """What the wording of each product can do; ``deed`` is one of the product's own."""

    def command(self, deed: Any) -> Command:
        """Return a deed as a command."""
        ...

    def learn(self, deed: Any, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        ...

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, or ``None`` if it is another product's."""
        ...


class Wording:
    """Knows who and what the names of a scenario stand for, as far as receipts have told."""

    def __init__(self, scales: Mapping[str, int]) -> None:
        self.wallets = WalletWording(scales)
        self.exchange = ExchangeWording(self.wallets.customer, self.wallets.scale)
        self.challenges = ChallengeWording(self.wallets.customer, self.wallets.scale, self.exchange.runner)
        self.fixed_odds = FixedOddsWording(self.wallets.customer, self.wallets.scale)
        self.pools = PoolWording(self.wallets.customer, self.wallets.scale)
        self.following = FollowWording(self.wallets.customer, self._number)
        self._products: tuple[tuple[UnionType, ProductWording], ...] = (
            (WalletDeed, self.wallets),
            (ExchangeDeed, self.exchange),
            (ChallengeDeed, self.challenges),
            (FixedOddsDeed, self.fixed_odds),
            (PoolDeed, self.pools),
            (FollowDeed, self.following),
        )
        self._standings: dict[str, Callable[[House, Iterable[Event], str], Outcome]] = {
            "order": self.exchange.order,
            "market": self.exchange.market,
            "challenge": self.challenges.challenge,
            "bet": self.fixed_odds.bet,
            "bank": self.fixed_odds.bank,
            "stake": self.pools.stake,
            "round": self.pools.round,
            "follow": self.following.follow,
        }

    def _number(self, kind: str, name: str) -> int:
        known = (self.exchange, self.fixed_odds, self.pools)
        return next(number for product in known if (number := product.number(kind, name)) is not None)

    def _of(self, deed: Deed) -> ProductWording:
        return next(wording for deeds, wording in self._products if isinstance(deed, deeds))

    def command(self, deed: Deed) -> Command:
        """Return a deed as a command."""
        return self._of(deed).command(deed)

    def learn(self, deed: Deed, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        events = tuple(happened)
        self._of(deed).learn(deed, events)
        self.following.hear(events)

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool = False) -> Outcome:
        """Return what came of a command in the words of a scenario."""
        first = happened[0]
        if isinstance(first, Rejected):
            return Outcome(first.reason, self.wallets.facts(first.facts), replayed=replayed)
        outcomes = (wording.outcome(command, happened, replayed) for _, wording in self._products)
        return next(outcome for outcome in outcomes if outcome is not None)

    def standing(self, kind: str, name: str, house: House, happened: Iterable[Event]) -> Outcome:
        """Return how a thing stands, by what is live or by what happened."""
        return self._standings[kind](house, happened, name)
