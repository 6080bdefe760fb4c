"""A round: its terms, what is staked on each side, and, until they are booked, the stakes themselves.

A stake is two numbers in an array, so that a million of them take little memory. The sums of the sides stay when the
stakes are booked and forgotten: what a round pays follows from them.
"""

from array import array
from collections.abc import Iterator
from typing import Final

from evens.core.ledger.booking import Result
from evens.core.values.commitments import commit_stake
from evens.core.values.ids import CustomerId, PoolBetId, PoolId, RoundId
from evens.core.values.pools import Dividend, PoolSide, PoolTerms, RoundResult, RoundStage, RoundStatus, dividend

_WIDTH: Final = 2
"""Numbers of a stake: the bet and the amount."""


class Side:
    """The stakes on one side of a round, by customer, in the order in which they were placed."""

    __slots__ = ("bets", "by_customer", "staked_minor")

    def __init__(self) -> None:
        self.by_customer: dict[CustomerId, array[int]] = {}
        self.staked_minor = 0
        self.bets = 0

    def keep(self, customer: CustomerId, bet: PoolBetId, stake_minor: int) -> None:
        """Know a stake, without counting it."""
        numbers = self.by_customer.get(customer)
        if numbers is None:
            self.by_customer[customer] = array("q", (bet, stake_minor))
        else:
            numbers.extend((bet, stake_minor))

    def of(self, customer: CustomerId) -> Iterator[tuple[PoolBetId, int]]:
        """Yield a customer's bets with their stakes, the oldest first."""
        numbers = iter(self.by_customer.get(customer, ()))
        for bet, stake_minor in zip(numbers, numbers, strict=True):
            yield PoolBetId(bet), stake_minor

    def count_of(self, customer: CustomerId) -> int:
        """Return how many bets a customer has on this side."""
        return len(self.by_customer.get(customer, ())[::_WIDTH])

    def is_sound(self) -> bool:
        """Return whether the sum is that of the stakes."""
        return self.staked_minor == sum(sum(numbers[1::_WIDTH]) for numbers in self.by_customer.values())


class Round:
    """One round of a pool.

    ``link`` is what the round commits to so far (:mod:`evens.core.values.commitments`), ``commitment`` the same once it
    is locked. ``settlement`` counts its results, of which ``result`` is the latest. ``corrected`` is what was booked
    for whom under the settlement before, while that is being corrected. ``fee_minor`` and ``rounding_minor`` are what
    the house has booked of the round.
    """

    __slots__ = (
        "code",
        "commitment",
        "corrected",
        "currency_number",
        "decided_at",
        "fee_minor",
        "id",
        "link",
        "locks_at",
        "opens_at",
        "pool",
        "queue",
        "recalled_up_to",
        "result",
        "rounding_minor",
        "settlement",
        "settles_at",
        "sides",
        "stage",
        "status",
        "terms",
    )

    def __init__(
        self,
        round_id: RoundId,
        pool: PoolId,
        code: str,
        currency_number: int,
        terms: PoolTerms,
        times: tuple[int, int, int],
        link: bytes,
    ) -> None:
        self.id = round_id
        self.pool = pool
        self.code = code
        self.currency_number = currency_number
        self.terms = terms
        self.opens_at, self.locks_at, self.settles_at = times
        self.link = link
        self.commitment: str | None = None
        self.status = RoundStatus.OPEN
        self.stage = RoundStage.NOTHING
        self.result: RoundResult | None = None
        self.settlement = 0
        self.decided_at: int | None = None
        self.fee_minor = 0
        self.rounding_minor = 0
        self.sides = {side: Side() for side in PoolSide}
        self.corrected: dict[CustomerId, Result] = {}
        self.recalled_up_to = CustomerId(0)
        self.queue: Iterator[CustomerId] | None = None
        """Who is still to be dealt with in this stage; made anew after a reload."""

    def place(self, customer: CustomerId, bet: PoolBetId, side: PoolSide, stake_minor: int) -> None:
        """Take in a new stake, which the round commits to."""
        on = self.sides[side]
        on.keep(customer, bet, stake_minor)
        on.staked_minor += stake_minor
        on.bets += 1
        self.link = commit_stake(self.link, bet, side, stake_minor)

    def begin(self, stage: RoundStage) -> None:
        """Go on to a stage."""
        self.stage = stage
        self.queue = None
        if stage is RoundStage.RECALLING:
            self.recalled_up_to = CustomerId(0)

    def takes_bets(self, at: int) -> bool:
        """Return whether somebody can bet at this moment; the one at which the round locks is too late."""
        return self.status is RoundStatus.OPEN and at < self.locks_at

    def dividend(self) -> Dividend:
        """Return what the round pays under its result; it must have one."""
        assert self.result is not None, f"round {self.id} has no result"
        up, down = self.sides[PoolSide.UP], self.sides[PoolSide.DOWN]
        return dividend(up.staked_minor, down.staked_minor, self.terms.fee_bps, self.result)

    def stakes(self, customer: CustomerId) -> list[tuple[PoolBetId, int, PoolSide]]:
        """Return a customer's stakes that are not booked, side by side."""
        return [(bet, stake_minor, side) for side, on in self.sides.items() for bet, stake_minor in on.of(customer)]

    def staked_minor(self, customer: CustomerId) -> int:
        """Return what a customer has in escrow for the round."""
        return sum([stake_minor for _, stake_minor, _ in self.stakes(customer)])

    def bets_of(self, customer: CustomerId) -> int:
        """Return how many bets of a customer are not booked."""
        return sum([on.count_of(customer) for on in self.sides.values()])

    def customers(self) -> list[CustomerId]:
        """Return everybody with a stake that is not booked, in order of their ids."""
        return sorted({customer: None for on in self.sides.values() for customer in on.by_customer})

    def has(self, customer: CustomerId) -> bool:
        """Return whether a customer has a stake that is not booked."""
        return any(customer in on.by_customer for on in self.sides.values())

    def forget(self, customer: CustomerId) -> None:
        """Forget a customer whose stakes were booked; the sums stay."""
        self.corrected.pop(customer, None)
        for on in self.sides.values():
            on.by_customer.pop(customer, None)

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        yield (
            f"round {self.id} {self.pool} {self.code} {self.currency_number} {self.opens_at} {self.locks_at} "
            f"{self.settles_at} {self.status.name} {self.stage.name} {self.settlement} "
            f"{None if self.result is None else self.result.name} {self.decided_at} {self.fee_minor} "
            f"{self.rounding_minor} {self.commitment} {self.terms}"
        )
        # After it is locked nothing depends on the link any more.
        if self.status is RoundStatus.OPEN:
            yield f"link {self.link.hex()}"
        for side, on in self.sides.items():
            yield f"side {side.name} {on.staked_minor} {on.bets}"
        if self.stage is RoundStage.RECALLING:
            # How far recalling has come is left out: after a reload it begins anew.
            return
        for customer in self.customers():
            yield from (f"stake {customer} {bet} {minor} {side.name}" for bet, minor, side in self.stakes(customer))
        for customer in sorted(self.corrected):
            yield f"corrected {customer} {self.corrected[customer].profit_minor}"
