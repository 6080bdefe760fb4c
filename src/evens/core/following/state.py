"""The live state of following: follows that have not ended or have open copies, with what is used of them."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from evens.core.exchange.state import Exchange
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.accounts import InvariantBroken
from evens.core.pools.state import Pools
from evens.core.values.following import PERCENT, FollowStatus, FollowTerms, performance_fee_minor
from evens.core.values.ids import CustomerId, FollowId
from evens.core.values.records import RecordProduct
from evens.core.wallets.state import Wallets

COPIED: Final = (RecordProduct.EXCHANGE, RecordProduct.SPORTSBOOK, RecordProduct.POOLS)
"""The products in which bets are copied."""


_Pair = tuple[CustomerId, CustomerId, int]


class Follow:
    """One customer copying another.

    ``used_minor`` is what all open copies risk, ``day_used_minor`` what the copies of UTC day ``day`` risked;
    ``result_minor`` is what the settled copies have won or lost together. Bets that were struck after ``active_from``
    are copied. ``stopped_minor`` is what the copies had won or lost, open ones valued, when the stop-loss paused it.
    ``skipped_up_to`` is, by product, the last match or bet of the leader that was skipped together with others: all up
    to it is decided. It is forgotten once the follow has ended, as nothing is decided for it then.

    The leader takes ``fee_bps`` basis points of ``high_water_minor``, the most that settled copies had won together
    beyond what open ones could lose when one was settled for the first time, and had ``fees_paid_minor`` of it so far.
    """

    __slots__ = (
        "active_from",
        "currency_number",
        "customer",
        "day",
        "day_used_minor",
        "fee_bps",
        "fees_paid_minor",
        "high_water_minor",
        "id",
        "leader",
        "result_minor",
        "skipped_up_to",
        "status",
        "stopped_minor",
        "terms",
        "used_minor",
    )

    def __init__(
        self,
        follow: FollowId,
        customer: CustomerId,
        leader: CustomerId,
        currency_number: int,
        terms: FollowTerms,
        active_from: int,
        fee_bps: int,
    ) -> None:
        self.id = follow
        self.customer = customer
        self.leader = leader
        self.currency_number = currency_number
        self.terms = terms
        self.active_from = active_from
        self.fee_bps = fee_bps
        self.high_water_minor = 0
        self.fees_paid_minor = 0
        self.status = FollowStatus.ACTIVE
        self.used_minor = 0
        self.day = 0
        self.day_used_minor = 0
        self.result_minor = 0
        self.stopped_minor: int | None = None
        self.skipped_up_to: dict[RecordProduct, int] = {}

    @property
    def pair(self) -> _Pair:
        """Who follows whom, in which currency."""
        return self.customer, self.leader, self.currency_number

    def used_on_minor(self, day: int) -> int:
        """Return the risk of the copies of a day, which is not before the last one that had any."""
        return self.day_used_minor if day == self.day else 0

    def left_minor(self) -> int:
        """Return what is left of the allocation: with what the settled copies have won or lost."""
        return self.terms.allocation_minor + self.result_minor

    def fee_due_minor(self) -> int:
        """Return what the leader is still to be paid of their fee."""
        return performance_fee_minor(self.high_water_minor, self.fee_bps) - self.fees_paid_minor

    def is_over(self) -> bool:
        """Return whether the follow has ended, none of its copies is open any more and its leader is paid."""
        return self.status is FollowStatus.ENDED and self.used_minor == 0 and self.fee_due_minor() == 0

    def text(self) -> str:
        """Return the follow as one line."""
        used = f"{self.used_minor} {self.day} {self.day_used_minor} {self.result_minor} {self.stopped_minor}"
        skipped_up_to = " ".join([str(self.skipped_up_to.get(product, 0)) for product in COPIED])
        fee = f"{self.fee_bps} {self.high_water_minor} {self.fees_paid_minor}"
        who = f"{self.customer} {self.leader} {self.currency_number}"
        return f"follow {self.id} {who} {self.status} {self.active_from} {used} {skipped_up_to} {fee} {self.terms}"


class Following:
    """Follows by id, and by who follows whom in which currency; with the products in which bets are copied.

    ``running`` has how many follows customers have that have not ended, ``linked`` how many all with one tag have.
    ``ended`` has those that have ended and are not over, by who followed whom in which currency.
    """

    __slots__ = ("by_id", "by_pair", "ended", "exchange", "fixed_odds", "linked", "pools", "running", "wallets")

    def __init__(self, wallets: Wallets, exchange: Exchange, fixed_odds: FixedOdds, pools: Pools) -> None:
        self.wallets = wallets
        self.exchange = exchange
        self.fixed_odds = fixed_odds
        self.pools = pools
        self.by_id: dict[FollowId, Follow] = {}
        self.by_pair: dict[_Pair, FollowId] = {}
        self.ended: dict[_Pair, dict[FollowId, Follow]] = {}
        self.running: Counter[CustomerId] = Counter()
        self.linked: Counter[str] = Counter()
        wallets.tag_follower = self._count_tags

    def restricts(self, follow: Follow, product: RecordProduct) -> bool:
        """Return whether one of the two is frozen or, where the house takes bets, may bet only a part of its limits."""
        both = follow.customer, follow.leader
        factors = self.fixed_odds.stake_factors if product is RecordProduct.SPORTSBOOK else {}
        return any(each in self.wallets.frozen or factors.get(each, PERCENT) < PERCENT for each in both)

    def add(self, follow: Follow) -> None:
        """Make a follow known."""
        self.by_id[follow.id] = follow
        if follow.status is FollowStatus.ENDED:
            self.ended.setdefault(follow.pair, {})[follow.id] = follow
        else:
            self.by_pair[follow.pair] = follow.id
            self._count(follow.customer, 1)

    def end(self, follow: Follow) -> None:
        """Let a follow end. It is known until none of its copies is open."""
        follow.status = FollowStatus.ENDED
        follow.skipped_up_to.clear()
        del self.by_pair[follow.pair]
        self.ended.setdefault(follow.pair, {})[follow.id] = follow
        self._count(follow.customer, -1)
        self.forget(follow)

    def _count(self, customer: CustomerId, follows: int) -> None:
        self.running[customer] += follows
        self.linked.update(dict.fromkeys(self.wallets.tags.get(customer, ()), follows))

    def _count_tags(self, customer: CustomerId, old_tags: frozenset[str], new_tags: frozenset[str]) -> None:
        """Count a customer's follows with the tags that they have now."""
        if follows := self.running[customer]:
            self.linked.subtract(dict.fromkeys(sorted(old_tags), follows))
            self.linked.update(dict.fromkeys(sorted(new_tags), follows))

    def forget(self, follow: Follow) -> None:
        """Forget a follow that is over, if it is: the tables have it."""
        if follow.is_over():
            del self.by_id[follow.id]
            of_pair = self.ended[follow.pair]
            del of_pair[follow.id]
            if not of_pair:
                del self.ended[follow.pair]

    def owes_fee(self, follow: Follow) -> bool:
        """Return whether the leader of a follow is to be paid of a fee, for it or for one before it that has ended."""
        if follow.fee_due_minor():
            return True
        return any(each.fee_due_minor() for each in self.ended.get(follow.pair, {}).values())

    def check(self) -> None:
        """Raise :class:`InvariantBroken` if a follow uses or owes what it cannot, or they are counted wrongly."""
        for follow in self.by_id.values():
            if follow.used_minor < 0 or follow.day_used_minor < 0:
                raise InvariantBroken(f"follow {follow.id} uses less than nothing")
            if follow.fee_due_minor() < 0:
                raise InvariantBroken(f"follow {follow.id} has paid more of a fee than is due")
        running = Counter(
            [follow.customer for follow in self.by_id.values() if follow.status is not FollowStatus.ENDED]
        )
        tagged = self.wallets.tags.items()
        linked = Counter([tag for customer, tags in tagged for tag in tags for _ in range(running[customer])])
        if running != self.running or linked != self.linked:
            raise InvariantBroken("follows are counted otherwise than there are")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield nothing: copies are bets of their products, which hold what they can lose."""
        return iter(())

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for number in sorted(self.by_id):
            yield self.by_id[number].text()
