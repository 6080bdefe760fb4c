"""A market that can still change: its book, and every customer's position in it.

A market whose result is booked is remembered until it can no longer be corrected, but its positions and results are
not: there may be a million of them, and they are in the tables (:mod:`evens.core.exchange.recalling`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from evens.core.events.ledger import Rejected
from evens.core.exchange.book import Order, RunnerBook
from evens.core.exchange.exposure import Stand, covering_cents, exposure_cents, unmatched
from evens.core.exchange.payouts import SearchMemory
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.struck import Struck
from evens.core.ledger.booking import Result
from evens.core.values.betting import MarketStatus, MarketTerms, Persistence, ReductionRule, Side, Stage
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.odds import BPS_UNIT, left_of, reserve_minor

TAKING_BETS: Final = (MarketStatus.OPEN, MarketStatus.IN_PLAY)
"""In which statuses one can bet."""

CHANGING: Final = (Stage.REMOVING, Stage.REINSTATING, Stage.REDUCING)
"""The stages that carry out a change of removals."""

Bets = dict[tuple[RunnerId, int, int], int]
"""Matched stakes (backs less lays) by runner, after how many changes of removals they were struck, and odds."""

RemovalLog = Sequence[tuple[Stage, RunnerId, int]]

_NO_BETS: Final = Stand()


class Position:
    """What a customer has at stake in a market: a stand for each runner bet on, and the orders with unmatched stake.

    ``exposure_minor`` remembers what was worked out of the stands, until one of them changes. ``bets`` are matched
    stakes (backs less lays) by runner, how long the market's ``removal_log`` was when they were struck, and odds: what
    stands are worked out of anew when removals change. A ``bare`` position is from before the latest such change: until
    its customer places another order, its exposure does not cover the next removal, so nothing is lent for that.
    ``struck`` are the bets as the removals of now leave them, once somebody asks what the next one can leave.
    """

    __slots__ = ("bare", "bets", "exposure_minor", "orders", "stands", "struck")

    def __init__(self) -> None:
        self.bare = False
        self.bets: Bets = {}
        self.struck: Struck | None = None
        self.stands: dict[RunnerId, Stand] = {}
        self.orders: dict[OrderId, Order] = {}
        self.exposure_minor: int | None = None

    def stand(self, runner: RunnerId) -> Stand:
        """Return the stand on a runner, a new one if there was none, to be changed."""
        self.exposure_minor = None
        stand = self.stands.get(runner)
        if stand is None:
            stand = self.stands[runner] = Stand()
        stand.covered = None
        return stand

    def copy(self) -> "Position":
        """Return a position that can be changed by itself. What ``struck`` remembers is worked out anew when needed."""
        copied = Position()
        copied.bare = self.bare
        copied.bets = dict(self.bets)
        copied.stands = {runner: stand.with_unmatched(0, 0) for runner, stand in self.stands.items()}
        copied.orders = dict(self.orders)
        copied.exposure_minor = self.exposure_minor
        return copied

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

    def match(self, runner: RunnerId, side: Side, odds: int, stake_minor: int, since: int | None = None) -> None:
        """Count a bet; laying is backing with a negative stake. It is kept by itself if ``since`` is given."""
        stand = self.stand(runner)
        signed = stake_minor if side is Side.BACK else -stake_minor
        stand.stake_minor += signed
        stand.value_cents += signed * odds
        if since is not None:
            self.keep(runner, since, odds, signed)
        if self.struck is not None:
            self.struck.add(runner, signed, odds)

    def keep(self, runner: RunnerId, since: int, odds: int, signed_minor: int) -> None:
        """Remember bets by themselves, struck after ``since`` changes of removals."""
        bet = (runner, since, odds)
        kept_minor = self.bets.get(bet, 0) + signed_minor
        if kept_minor:
            self.bets[bet] = kept_minor
        else:
            self.bets.pop(bet, None)


_NO_POSITION: Final = Position()


class Market:
    """A market that can still change: its book, and every customer's position in it."""

    __slots__ = (
        "books",
        "corrected",
        "covers_between",
        "currency_number",
        "id",
        "parts",
        "positions",
        "queue",
        "recalled_up_to",
        "removal_log",
        "removals",
        "removed_up_to",
        "results",
        "searches",
        "settled_at",
        "settlement",
        "shares",
        "stage",
        "status",
        "terms",
        "turned_at",
        "version",
        "was_bps",
    )

    def __init__(self, market: MarketId, currency_number: int, terms: MarketTerms) -> None:
        self.id = market
        self.currency_number = currency_number
        self.terms = terms
        self.covers_between = terms.every_reduction and terms.winners == 1
        """Whether cover takes in reductions between none and the greatest, where these can cost more than both."""
        self.status = MarketStatus.OPEN
        self.stage = Stage.NOTHING
        self.version = 1
        self.turned_at: int | None = None
        self.settled_at: int | None = None
        runners = len(terms.runners)
        self.searches = SearchMemory(terms.ladder, runners) if terms.cross_matching else None
        """What searches for sets have looked at; ``None`` where orders are not cross-matched, or not any more."""
        self.books: dict[int, RunnerBook] = (
            {runner: RunnerBook() for runner in range(1, runners + 1)}
            if self.searches is None
            else self.searches.books()
        )
        self.positions: dict[CustomerId, Position] = {}
        self.removals: dict[RunnerId, int] = {}
        """Removed runners, and by how much odds on the others shrank."""
        self.removal_log: list[tuple[Stage, RunnerId, int]] = []
        """Every removal, correction of one and reinstatement, where they can be taken back: the stage, whose, when."""
        self.removed_up_to = 0
        """The last customer for whom the latest of these was carried out, or cover lifted; in order of their ids."""
        self.was_bps: int | None = None
        """By how much odds shrank for the runner of the latest of these before it; ``None`` if it was a removal."""
        self.settlement = 0
        self.shares: tuple[tuple[RunnerId, int], ...] = ()
        self.parts = 0
        self.results: dict[CustomerId, Result] = {}
        """What was booked under the current settlement; the positions that led to it are forgotten."""
        self.corrected: dict[CustomerId, Result] = {}
        """What was booked under the one before and is not corrected yet."""
        self.recalled_up_to = CustomerId(0)
        """The last customer whose position was recalled for a correction; customers come in order of their ids."""
        self.queue: Iterator[CustomerId] | None = None
        """Customers that the current stage still has to do with; ``None`` until it is asked for."""

    def let_go(self) -> None:
        """Forget books, positions and results once they are booked: the tables have them."""
        if self.searches is not None:
            # It and the books refer to each other, so what it remembers would stay until such rings are looked for.
            self.searches.forget()
        self.books, self.searches = dict.fromkeys(self.books, RunnerBook()), None
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

    @property
    def since(self) -> int | None:
        """Since how many changes of removals a bet of now is struck; ``None`` if bets are not kept by themselves."""
        return len(self.removal_log) if self.terms.reductions is ReductionRule.BET else None

    def runners_for(self, customer: CustomerId) -> int:
        """Return how many runners count for a customer: a removal is carried out for one after the other."""
        if customer <= self.removed_up_to:
            return self.active_runners
        return self.active_runners + (self.stage is Stage.REMOVING) - (self.stage is Stage.REINSTATING)

    def covers_for(self, customer: CustomerId, position: Position) -> bool:
        """Return whether a customer's exposure covers removals. At the off this ends for one after the other."""
        if not self.terms.cover_removals or position.bare:
            return False
        return self.turned_at is None or (self.is_lifting and customer > self.removed_up_to)

    @property
    def is_lifting(self) -> bool:
        """Whether this market is turning in-play."""
        return self.turned_at is not None and self.stage is Stage.LAPSING and self.status is not MarketStatus.CLOSED

    def exposure_minor(self, customer: CustomerId) -> int:
        """Return what is held in escrow for a customer: the most that can still be lost, in whole minor units."""
        position = self.positions.get(customer)
        if position is None or customer in self.corrected:
            return 0
        if position.exposure_minor is None:
            covers = self.covers_for(customer, position)
            if covers and self.covers_between:
                self._weigh(customer, position)
            position.exposure_minor = self.needed_minor(position.stands.values(), self.runners_for(customer), covers)
        return position.exposure_minor

    def needed_minor(self, stands: Iterable[Stand], runners: int, covers: bool) -> int:
        """Return what stands would need in escrow with this many runners, with or without covering a removal."""
        work_out = covering_cents if covers else exposure_cents
        return reserve_minor(work_out(stands, runners, self.terms.winners, self.terms.winners_min))

    def exposure_with_minor(self, customer: CustomerId, runner: RunnerId, back_minor: int, liability_cents: int) -> int:
        """Return the same as if there were this much more unmatched on a runner, asked for by the customer now."""
        position = self.positions.get(customer)
        covers = self.terms.cover_removals and self.turned_at is None
        if covers and self.covers_between and position is not None:
            self._weigh(customer, position)
        stands = {} if position is None else position.stands
        stand = stands.get(runner, _NO_BETS).with_unmatched(back_minor, liability_cents)
        return self.needed_minor({**stands, runner: stand}.values(), self.active_runners, covers)

    def _changes_for(self, customer: CustomerId) -> tuple[dict[RunnerId, int], RemovalLog]:
        """Return the removals and their log for a customer: a change is carried out for one after the other."""
        if self.stage not in CHANGING or customer <= self.removed_up_to:
            return self.removals, self.removal_log
        changed = self.removal_log[-1][1]
        before = {runner: bps for runner, bps in self.removals.items() if runner != changed}
        if self.was_bps is not None:
            before[changed] = self.was_bps
        return before, self.removal_log[:-1]

    def _weigh(self, customer: CustomerId, position: Position) -> None:
        """Work out the least that a reduction can leave of each stand whose bets have changed."""
        if position.struck is None:
            removals, log = self._changes_for(customer)
            factors = reduction_factors(removals, log)
            position.struck = Struck(factors[0][1])
            for (runner, since, odds), signed_minor in sorted(position.bets.items(), reverse=True):
                if runner not in removals:
                    position.struck.add(runner, signed_minor, odds, factors[since][0])
        position.struck.weigh(position.stands)

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
        yield from self.terms.lines()
        for runner, reduction_bps in self.removals.items():
            yield f"removed {runner} {reduction_bps}"
        for stage, runner, moment in self.removal_log:
            yield f"{stage.name} {runner} {moment}"
        if self.was_bps is not None:
            yield f"was {self.was_bps}"
        for runner, book in self.books.items():
            for side in Side:
                for order in book.orders(side):
                    yield f"waiting {runner} {order.id}"
        # While positions are recalled, how far that has come is left out: after a reload it begins anew.
        if self.stage is not Stage.RECALLING:
            for customer in sorted(self.positions.keys() | self.results.keys()):
                yield from self._position_lines(customer, self.positions.get(customer, _NO_POSITION))

    def _position_lines(self, customer: CustomerId, position: Position) -> Iterator[str]:
        for runner in sorted(position.stands):
            stand = position.stands[runner]
            if stand.stake_minor or stand.value_cents:
                yield f"stand {customer} {runner} {stand.stake_minor} {stand.value_cents}"
        for runner, since, odds in sorted(position.bets) if not self.settlement else ():
            yield f"bet {customer} {runner} {since} {odds} {position.bets[runner, since, odds]}"
        if position.bare and self.settlement <= 1:
            yield f"bare {customer}"
        for order in sorted(position.orders):
            yield f"order {customer} {position.orders[order].text()}"
        for name, results in (("result", self.results), ("corrected", self.corrected)):
            result = results.get(customer)
            if result is not None:
                discount = "" if result.discount_bps is None else f" {result.discount_bps}"
                yield f"{name} {customer} {result.profit_minor} {result.commission_minor}{discount}"


def reduction_factors(removals: dict[RunnerId, int], log: RemovalLog) -> list[tuple[int, int]]:
    """Return what is left of the odds of bets by how long the log was when they were struck: a fraction for each."""
    begun = {runner: place for place, (stage, runner, _) in enumerate(log) if stage is Stage.REMOVING}
    unit = BPS_UNIT ** len(removals)
    return [
        (left_of([bps if begun.get(runner, -1) >= since else 0 for runner, bps in removals.items()]), unit)
        for since in range(len(log) + 1)
    ]
