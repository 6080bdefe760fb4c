"""A market that can still change: its book, and every customer's position in it.

A market whose result is booked is remembered until it can no longer be corrected, but its positions and results are
not: there may be a million of them, and they are in the tables (:mod:`evens.core.exchange.recalling`).
"""

from collections.abc import Iterator
from typing import Final

from evens.core.events.ledger import Rejected
from evens.core.exchange.book import Order, RunnerBook
from evens.core.exchange.exposure import Stand, exposure_cents, unmatched
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.booking import Result
from evens.core.values.betting import MarketStatus, MarketTerms, Persistence, Side, Stage
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.odds import reserve_minor

TAKING_BETS: Final = (MarketStatus.OPEN, MarketStatus.IN_PLAY)
"""In which statuses one can bet."""

_NO_BETS: Final = Stand()

_EMPTY_BOOK: Final = RunnerBook()
"""The book of every runner on whom nobody can bet any more."""


class Position:
    """What a customer has at stake in a market: a stand for each runner bet on, and the orders with unmatched stake.

    ``exposure_minor`` remembers what was worked out of the stands, until one of them changes.
    """

    __slots__ = ("exposure_minor", "orders", "stands")

    def __init__(self) -> None:
        self.stands: dict[RunnerId, Stand] = {}
        self.orders: dict[OrderId, Order] = {}
        self.exposure_minor: int | None = None

    def stand(self, runner: RunnerId) -> Stand:
        """Return the stand on a runner, a new one if there was none, to be changed."""
        self.exposure_minor = None
        stand = self.stands.get(runner)
        if stand is None:
            stand = self.stands[runner] = Stand()
        return stand

    def drop(self, runner: RunnerId) -> None:
        """Forget the stand on a runner that was removed."""
        self.exposure_minor = None
        self.stands.pop(runner, None)

    def reserve(self, runner: RunnerId, side: Side, odds: int, stake_minor: int) -> None:
        """Count stake as unmatched, or no longer if it is negative."""
        stand = self.stand(runner)
        back_minor, liability_cents = unmatched(side, odds, stake_minor)
        stand.unmatched_back_minor += back_minor
        stand.unmatched_liability_cents += liability_cents

    def match(self, runner: RunnerId, side: Side, odds: int, stake_minor: int) -> None:
        """Count a bet; laying is backing with a negative stake."""
        stand = self.stand(runner)
        signed = stake_minor if side is Side.BACK else -stake_minor
        stand.stake_minor += signed
        stand.value_cents += signed * odds


class Market:
    """A market that can still change: its book, and every customer's position in it."""

    __slots__ = (
        "books",
        "corrected",
        "currency_number",
        "id",
        "parts",
        "positions",
        "queue",
        "recalled_up_to",
        "removals",
        "removed_up_to",
        "results",
        "settled_at",
        "settlement",
        "shares",
        "stage",
        "status",
        "terms",
        "turned_at",
        "version",
    )

    def __init__(self, market: MarketId, currency_number: int, terms: MarketTerms) -> None:
        self.id = market
        self.currency_number = currency_number
        self.terms = terms
        self.status = MarketStatus.OPEN
        self.stage = Stage.NOTHING
        self.version = 1
        self.turned_at: int | None = None
        self.settled_at: int | None = None
        self.books = {runner: RunnerBook() for runner in range(1, len(terms.runners) + 1)}
        self.positions: dict[CustomerId, Position] = {}
        self.removals: dict[RunnerId, int] = {}
        """Removed runners, and by how much odds on the others shrank."""
        self.removed_up_to = 0
        """The last customer for whom the latest removal was carried out; customers come in order of their ids."""
        self.settlement = 0
        self.shares: tuple[tuple[RunnerId, int], ...] = ()
        self.parts = 0
        self.results: dict[CustomerId, Result] = {}
        """What was booked under the current settlement."""
        self.corrected: dict[CustomerId, Result] = {}
        """What was booked under the one before and is not corrected yet."""
        self.recalled_up_to = CustomerId(0)
        """The last customer whose position was recalled for a correction; customers come in order of their ids."""
        self.queue: Iterator[CustomerId] | None = None
        """Customers that the current stage still has to do with; ``None`` until it is asked for."""

    def let_go(self) -> None:
        """Forget books, positions and results once they are booked: the tables have them."""
        self.books = dict.fromkeys(self.books, _EMPTY_BOOK)
        self.positions, self.results, self.corrected = {}, {}, {}
        self.queue = None

    def position(self, customer: CustomerId) -> Position:
        """Return a customer's position, a new one if there was none."""
        position = self.positions.get(customer)
        if position is None:
            position = self.positions[customer] = Position()
        return position

    @property
    def active_runners(self) -> int:
        """How many runners can still win."""
        return len(self.terms.runners) - len(self.removals)

    def runners_for(self, customer: CustomerId) -> int:
        """Return how many runners count for a customer: a removal is carried out for one after the other."""
        late = self.stage is Stage.REMOVING and customer > self.removed_up_to
        return self.active_runners + late

    def exposure_minor(self, customer: CustomerId) -> int:
        """Return what is held in escrow for a customer: the most that can still be lost, in whole minor units."""
        position = self.positions.get(customer)
        if position is None or customer in self.results or customer in self.corrected:
            return 0
        if position.exposure_minor is None:
            cents = exposure_cents(position.stands.values(), self.runners_for(customer), self.terms.winners)
            position.exposure_minor = reserve_minor(cents)
        return position.exposure_minor

    def exposure_with_minor(self, customer: CustomerId, runner: RunnerId, back_minor: int, liability_cents: int) -> int:
        """Return the same as if there were this much more unmatched on a runner."""
        position = self.positions.get(customer)
        stands = {} if position is None else position.stands
        stand = stands.get(runner, _NO_BETS).with_unmatched(back_minor, liability_cents)
        cents = exposure_cents({**stands, runner: stand}.values(), self.active_runners, self.terms.winners)
        return reserve_minor(cents)

    def refuse_bets(self) -> Rejected | None:
        """Return why nobody can bet in this market now: it is closed, busy or suspended; ``None`` if one can."""
        if self.status not in (*TAKING_BETS, MarketStatus.SUSPENDED):
            return Rejected(ExchangeReason.MARKET_CLOSED)
        if self.stage is not Stage.NOTHING:
            return Rejected(ExchangeReason.MARKET_BUSY)
        if self.status is MarketStatus.SUSPENDED:
            return Rejected(ExchangeReason.MARKET_SUSPENDED)
        return None

    def lapses(self, order: Order) -> bool:
        """Return whether the stage of lapsing is to end this order."""
        return self.status is MarketStatus.CLOSED or order.persistence is Persistence.LAPSE

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        yield (
            f"market {self.id} {self.currency_number} {self.status} {self.stage} {self.version} {self.turned_at} "
            f"{self.settled_at} {self.removed_up_to} {self.settlement} {self.shares} {self.parts} {self.terms}"
        )
        for runner, reduction_bps in self.removals.items():
            yield f"removed {runner} {reduction_bps}"
        for runner, book in self.books.items():
            for side in Side:
                for order in book.orders(side):
                    yield f"waiting {runner} {order.id}"
        # While positions are recalled, how far that has come is left out: after a reload it begins anew.
        if self.stage is not Stage.RECALLING:
            for customer in sorted(self.positions):
                yield from self._position_lines(customer)

    def _position_lines(self, customer: CustomerId) -> Iterator[str]:
        position = self.positions[customer]
        for runner in sorted(position.stands):
            stand = position.stands[runner]
            if stand.stake_minor or stand.value_cents:
                yield f"stand {customer} {runner} {stand.stake_minor} {stand.value_cents}"
        for order in sorted(position.orders):
            yield f"order {customer} {position.orders[order].text()}"
        for name, results in (("result", self.results), ("corrected", self.corrected)):
            result = results.get(customer)
            if result is not None:
                discount = "" if result.discount_bps is None else f" {result.discount_bps}"
                yield f"{name} {customer} {result.profit_minor} {result.commission_minor}{discount}"
