"""The exchange's live state: markets with their books and positions, and what is due."""

import heapq
from collections.abc import Iterator, Mapping
from typing import Final

from evens.core.challenges.challenge import AT_ONCE, Challenge, ChallengeChore
from evens.core.commands.exchange import AdvanceMarket, ArchiveMarket, ReleaseOrder
from evens.core.exchange.book import Order, RunnerBook
from evens.core.exchange.exposure import Stand, exposure_cents, unmatched
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.booking import Result
from evens.core.values.betting import MarketStatus, MarketTerms, Persistence, Side, Stage
from evens.core.values.ids import AccountClass, account_class, account_id
from evens.core.values.odds import reserve_minor

CORRECTION_WINDOW_NS: Final = 7 * 24 * 3600 * 10**9
"""How long after its settlement a market can be corrected; it is archived then."""

Chore = AdvanceMarket | ReleaseOrder | ArchiveMarket | ChallengeChore
"""A command that the house gives itself."""


_NO_BETS: Final = Stand()


class Position:
    """What a customer has at stake in a market: a stand for each runner bet on, and the orders with unmatched stake.

    ``exposure_minor`` remembers what was worked out of the stands, until one of them changes.
    """

    __slots__ = ("exposure_minor", "orders", "stands")

    def __init__(self) -> None:
        self.stands: dict[int, Stand] = {}
        self.orders: dict[int, Order] = {}
        self.exposure_minor: int | None = None

    def stand(self, runner: int) -> Stand:
        """Return the stand on a runner, a new one if there was none, to be changed."""
        self.exposure_minor = None
        stand = self.stands.get(runner)
        if stand is None:
            stand = self.stands[runner] = Stand()
        return stand

    def drop(self, runner: int) -> None:
        """Forget the stand on a runner that was removed."""
        self.exposure_minor = None
        self.stands.pop(runner, None)

    def reserve(self, runner: int, side: Side, odds: int, stake_minor: int) -> None:
        """Count stake as unmatched, or no longer if it is negative."""
        stand = self.stand(runner)
        back_minor, liability_cents = unmatched(side, odds, stake_minor)
        stand.unmatched_back_minor += back_minor
        stand.unmatched_liability_cents += liability_cents

    def match(self, runner: int, side: Side, odds: int, stake_minor: int) -> None:
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

    def __init__(self, market: int, currency_number: int, terms: MarketTerms) -> None:
        self.id = market
        self.currency_number = currency_number
        self.terms = terms
        self.status = MarketStatus.OPEN
        self.stage = Stage.NOTHING
        self.version = 1
        self.turned_at: int | None = None
        self.settled_at: int | None = None
        self.books = {runner: RunnerBook() for runner in range(1, len(terms.runners) + 1)}
        self.positions: dict[int, Position] = {}
        self.removals: dict[int, int] = {}
        """Removed runners, and by how much odds on the others shrank."""
        self.removed_up_to = 0
        """The last customer for whom the latest removal was carried out; customers come in order of their ids."""
        self.settlement = 0
        self.shares: tuple[tuple[int, int], ...] = ()
        self.parts = 0
        self.results: dict[int, Result] = {}
        """What was booked under the current settlement."""
        self.corrected: dict[int, Result] = {}
        """What was booked under the one before and is not corrected yet."""
        self.queue: Iterator[int] | None = None
        """Customers that the current stage still has to do with; ``None`` until it is asked for."""

    def position(self, customer: int) -> Position:
        """Return a customer's position, a new one if there was none."""
        position = self.positions.get(customer)
        if position is None:
            position = self.positions[customer] = Position()
        return position

    @property
    def active_runners(self) -> int:
        """How many runners can still win."""
        return len(self.terms.runners) - len(self.removals)

    def runners_for(self, customer: int) -> int:
        """Return how many runners count for a customer: a removal is carried out for one after the other."""
        late = self.stage is Stage.REMOVING and customer > self.removed_up_to
        return self.active_runners + late

    def exposure_minor(self, customer: int) -> int:
        """Return what is held in escrow for a customer: the most that can still be lost, in whole minor units."""
        position = self.positions.get(customer)
        if position is None or customer in self.results or customer in self.corrected:
            return 0
        if position.exposure_minor is None:
            cents = exposure_cents(position.stands.values(), self.runners_for(customer), self.terms.winners)
            position.exposure_minor = reserve_minor(cents)
        return position.exposure_minor

    def exposure_with_minor(self, customer: int, runner: int, back_minor: int, liability_cents: int) -> int:
        """Return the same as if there were this much more unmatched on a runner."""
        position = self.positions.get(customer)
        stands = {} if position is None else position.stands
        stand = stands.get(runner, _NO_BETS).with_unmatched(back_minor, liability_cents)
        cents = exposure_cents({**stands, runner: stand}.values(), self.active_runners, self.terms.winners)
        return reserve_minor(cents)

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
        for customer in sorted(self.positions):
            yield from self._position_lines(customer)

    def _position_lines(self, customer: int) -> Iterator[str]:
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
                yield f"{name} {customer} {result.profit_minor} {result.commission_minor}"


class Exchange:
    """Markets, orders with unmatched stake and challenges by id, commission discounts, and what is due when."""

    __slots__ = ("busy", "challenges", "customers", "discounts", "due", "frozen", "ledger", "markets", "orders", "tied")

    def __init__(self, ledger: Ledger, customers: Mapping[int, str], frozen: Mapping[int, None]) -> None:
        self.ledger = ledger
        self.customers = customers
        self.frozen = frozen
        self.markets: dict[int, Market] = {}
        self.orders: dict[int, Order] = {}
        self.challenges: dict[int, Challenge] = {}
        self.tied: dict[int, dict[int, Challenge]] = {}
        """Challenges by market and id."""
        self.discounts: dict[int, int] = {}
        self.busy: dict[int, None] = {}
        """Markets in a stage."""
        self.due: list[tuple[int, int, str, Chore]] = []
        """A heap of when to do what; what no longer matters is dropped when its time comes."""

    def remember(self, due_at: int, subject: int, chore: Chore) -> None:
        """Do a chore when its time comes."""
        # One subject may have chores of two kinds at the same time, which have no order of their own.
        heapq.heappush(self.due, (due_at, subject, type(chore).__name__, chore))

    def add_market(self, market: Market) -> None:
        """Make a market known, with what it has under way or before it."""
        self.markets[market.id] = market
        if market.stage is not Stage.NOTHING:
            self.busy[market.id] = None
        if market.settled_at is not None:
            self.remember(market.settled_at + CORRECTION_WINDOW_NS, market.id, ArchiveMarket(market.id))

    def enter(self, market: Market, stage: Stage) -> None:
        """Let a market begin a stage; which customers it concerns is found out when its first part is done."""
        market.stage = stage
        market.queue = None
        if stage is Stage.NOTHING:
            self.busy.pop(market.id, None)
        else:
            self.busy[market.id] = None

    def add_order(self, order: Order) -> None:
        """Let an order wait in its book or, while it is delayed, for its time."""
        market = self.markets[order.market]
        self.orders[order.id] = order
        position = market.position(order.customer)
        position.orders[order.id] = order
        position.reserve(order.runner, order.side, order.odds, order.remaining_minor)
        if order.due_at is None:
            market.books[order.runner].add(order)
        else:
            self.remember(order.due_at, order.id, ReleaseOrder(order.id))

    def reduce_order(self, order: Order, by_minor: int) -> None:
        """Take unmatched stake off an order; without any it is forgotten."""
        market = self.markets[order.market]
        position = market.positions[order.customer]
        position.reserve(order.runner, order.side, order.odds, -by_minor)
        if order.due_at is None:
            market.books[order.runner].take(order, by_minor)
        else:
            order.remaining_minor -= by_minor
        if order.remaining_minor == 0:
            del self.orders[order.id], position.orders[order.id]

    def add_challenge(self, challenge: Challenge) -> None:
        """Make a challenge known, with what is to be done for it."""
        self.challenges[challenge.id] = challenge
        if challenge.terms.market is not None:
            self.tied.setdefault(challenge.terms.market, {})[challenge.id] = challenge
        self.await_challenge(challenge)

    def drop_challenge(self, challenge_id: int) -> None:
        """Forget a challenge that is over."""
        challenge = self.challenges.pop(challenge_id)
        if challenge.terms.market is not None:
            del self.tied[challenge.terms.market][challenge_id]
            if not self.tied[challenge.terms.market]:
                del self.tied[challenge.terms.market]

    def challenges_on(self, market: int) -> list[Challenge]:
        """Return the challenges on a market, the oldest first."""
        return list(self.tied.get(market, {}).values())

    def next_step(self, challenge: Challenge) -> tuple[int, ChallengeChore] | None:
        """Return when the house has to do what for a challenge; ``None`` while that is up to people or the market."""
        market = None if challenge.terms.market is None else self.markets[challenge.terms.market]
        if market is None:
            return challenge.next_step(removed=False, settlement=None)
        settlement = None if market.settled_at is None else market.settlement
        return challenge.next_step(challenge.terms.runner in market.removals, settlement)

    def find_due(self, chore: ChallengeChore) -> Challenge | None:
        """Return the challenge that a chore is for, if that is what has to be done for it next."""
        challenge = self.challenges.get(chore.challenge)
        step = None if challenge is None else self.next_step(challenge)
        return challenge if step is not None and step[1] == chore else None

    def await_challenge(self, challenge: Challenge) -> None:
        """Do what is next for a challenge when its time comes."""
        step = self.next_step(challenge)
        if step is not None:
            self.remember(step[0], challenge.id, step[1])

    def decide_challenges(self, market: int) -> None:
        """Do at once what a result, or the removal of a runner, asks of the challenges on a market."""
        for challenge in self.challenges_on(market):
            step = self.next_step(challenge)
            if step is not None and step[0] == AT_ONCE:
                self.remember(AT_ONCE, challenge.id, step[1])

    def chores(self, at: int, most: int) -> list[Chore]:
        """Return up to ``most`` commands that the house has to give itself now: parts of stages, and what is due."""
        chores: list[Chore] = [AdvanceMarket(market) for market in self.busy]
        while self.due and self.due[0][0] <= at and len(chores) < most:
            _, subject, _, chore = heapq.heappop(self.due)
            if self._matters(subject, chore):
                chores.append(chore)
        return chores

    def next_due_at(self) -> int | None:
        """Return when the next chore is due, in nanoseconds since 1970; ``None`` if there is nothing to wait for."""
        if self.busy:
            return 0
        return self.due[0][0] if self.due else None

    def _matters(self, subject: int, chore: Chore) -> bool:
        if isinstance(chore, ReleaseOrder):
            return subject in self.orders
        if isinstance(chore, ArchiveMarket | AdvanceMarket):
            return subject in self.markets
        return self.find_due(chore) is not None

    def check(self) -> None:
        """Raise :class:`InvariantBroken` unless escrow is what can be lost and the books hold the open orders."""
        expected: dict[int, int] = {}
        for market in self.markets.values():
            waiting = sum(1 for book in market.books.values() for side in Side for _ in book.orders(side))
            delayed = 0
            for customer, position in market.positions.items():
                escrow = account_id(customer, market.currency_number, AccountClass.ESCROW)
                expected[escrow] = expected.get(escrow, 0) + market.exposure_minor(customer)
                delayed += sum(1 for order in position.orders.values() if order.due_at is not None)
                waiting -= len(position.orders)
            if waiting + delayed != 0:
                raise InvariantBroken(f"the book of market {market.id} is not what its customers' open orders make")
        for challenge in self.challenges.values():
            for customer, minor in challenge.held_minor():
                escrow = account_id(customer, challenge.terms.currency_number, AccountClass.ESCROW)
                expected[escrow] = expected.get(escrow, 0) + minor
        held = {
            account: balance
            for account, balance in self.ledger.balances.items()
            if balance and account_class(account) is AccountClass.ESCROW
        }
        if held != {account: minor for account, minor in expected.items() if minor}:
            raise InvariantBroken("money in escrow differs from what can be lost")

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for customer in sorted(self.discounts):
            yield f"discount {customer} {self.discounts[customer]}"
        for market in sorted(self.markets):
            yield from self.markets[market].lines()
        for challenge in sorted(self.challenges):
            yield self.challenges[challenge].text()
