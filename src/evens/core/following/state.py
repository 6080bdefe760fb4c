"""The live state of following: follows that have not ended, with what is used of them."""

from collections.abc import Iterator

from evens.core.exchange.state import Exchange
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.accounts import InvariantBroken
from evens.core.pools.state import Pools
from evens.core.values.following import FollowStatus, FollowTerms
from evens.core.values.ids import CustomerId, FollowId
from evens.core.wallets.state import Wallets


class Follow:
    """One customer copying another.

    ``used_minor`` is the risk of all copies so far, ``day_used_minor`` that of the copies of UTC day ``day``.
    """

    __slots__ = (
        "currency_number",
        "customer",
        "day",
        "day_used_minor",
        "id",
        "leader",
        "status",
        "terms",
        "used_minor",
    )

    def __init__(
        self, follow: FollowId, customer: CustomerId, leader: CustomerId, currency_number: int, terms: FollowTerms
    ) -> None:
        self.id = follow
        self.customer = customer
        self.leader = leader
        self.currency_number = currency_number
        self.terms = terms
        self.status = FollowStatus.ACTIVE
        self.used_minor = 0
        self.day = 0
        self.day_used_minor = 0

    def used_on_minor(self, day: int) -> int:
        """Return the risk of the copies of a day, which is not before the last one that had any."""
        return self.day_used_minor if day == self.day else 0

    def text(self) -> str:
        """Return the follow as one line."""
        used = f"{self.used_minor} {self.day} {self.day_used_minor}"
        who = f"{self.customer} {self.leader} {self.currency_number}"
        return f"follow {self.id} {who} {self.status} {used} {self.terms}"


class Following:
    """Follows by id, and by who follows whom in which currency; with the products in which bets are copied."""

    __slots__ = ("by_id", "by_pair", "exchange", "fixed_odds", "pools", "wallets")

    def __init__(self, wallets: Wallets, exchange: Exchange, fixed_odds: FixedOdds, pools: Pools) -> None:
        self.wallets = wallets
        self.exchange = exchange
        self.fixed_odds = fixed_odds
        self.pools = pools
        self.by_id: dict[FollowId, Follow] = {}
        self.by_pair: dict[tuple[CustomerId, CustomerId, int], FollowId] = {}

    def add(self, follow: Follow) -> None:
        """Make a follow known."""
        self.by_id[follow.id] = follow
        self.by_pair[follow.customer, follow.leader, follow.currency_number] = follow.id

    def drop(self, follow_id: FollowId) -> None:
        """Forget a follow that has ended: the tables have it."""
        follow = self.by_id.pop(follow_id)
        del self.by_pair[follow.customer, follow.leader, follow.currency_number]

    def check(self) -> None:
        """Raise :class:`InvariantBroken` if a follow used more than it ever could."""
        for follow in self.by_id.values():
            if not 0 <= follow.day_used_minor <= follow.used_minor:
                raise InvariantBroken(f"follow {follow.id} used more on one day than in all")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield nothing: copies are bets of their products, which hold what they can lose."""
        return iter(())

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for number in sorted(self.by_id):
            yield self.by_id[number].text()
