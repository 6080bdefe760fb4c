"""Accumulators: bets whose legs all have to win, each multiplying the stake with its factor."""

from evens.core.ledger.booking import Result
from evens.core.values.fixed_odds import BetLeg, Factor
from evens.core.values.ids import BetId, CustomerId


class Accumulator:
    """An accumulator that is open, struck ``at`` a moment, or one that is being corrected.

    ``reserved_minor`` is what the house holds in escrow for it: its possible profit when it was placed. ``decided`` are
    the factors of legs whose fixtures are archived, by the place of the leg; those of the others the fixtures know. ``settlement`` counts how often it was
    settled, and ``booked`` is what was booked then, while that is to be corrected.
    """

    __slots__ = (
        "at",
        "bet",
        "booked",
        "currency_number",
        "customer",
        "decided",
        "legs",
        "reserved_minor",
        "settlement",
        "stake_minor",
    )

    def __init__(
        self,
        bet: BetId,
        customer: CustomerId,
        currency_number: int,
        stake_minor: int,
        legs: tuple[BetLeg, ...],
        reserved_minor: int,
        at: int,
    ) -> None:
        self.bet = bet
        self.customer = customer
        self.currency_number = currency_number
        self.stake_minor = stake_minor
        self.legs = legs
        self.reserved_minor = reserved_minor
        self.at = at
        self.decided: dict[int, Factor] = {}
        self.settlement = 0
        self.booked: Result | None = None

    def text(self) -> str:
        """Return everything about it in one line."""
        legs = [(leg, self.decided.get(place)) for place, leg in enumerate(self.legs)]
        booked = None if self.booked is None else self.booked.profit_minor
        return (
            f"accumulator {self.bet} {self.customer} {self.currency_number} {self.stake_minor} {self.reserved_minor} "
            f"{self.at} {self.settlement} {booked} {legs}"
        )
