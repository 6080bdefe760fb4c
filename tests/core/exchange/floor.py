"""A desk with one market and its customers: orders said in words, books drawn as text, chores done as they come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from evens.core.commands.every import Command
from evens.core.commands.exchange import CreateMarket, PlaceOrder
from evens.core.events.every import Event
from evens.core.events.exchange import MarketCreated, Matched, OrderPlaced
from evens.core.events.ledger import Rejected, Transferred
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import HOUSE, AccountClass, CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.odds import format_odds, parse_odds
from tests.core.desk import Desk

SECOND_NS = 10**9
CHORES_MAX = 10
NO_MARKET = MarketId(0)
FIRST = RunnerId(1)
"""The runner that is bet on unless another is given."""


@dataclass
class Floor(Desk):
    """Where customers, known by name, bet in US cents on the first market unless another is given."""

    people: dict[str, CustomerId] = field(default_factory=dict[str, CustomerId])
    market: MarketId = NO_MARKET

    def wait(self, ns: int) -> None:
        """Let time pass before the next command."""
        self.at(self.house.at + ns)

    def join(self, name: str, **cash: int) -> CustomerId:
        """Register a customer with this much cash in each currency, in minor units; return the id."""
        self.people[name] = self.register(name, **cash)
        return self.people[name]

    def create(self, runners: str = "abc", winners: int = 1, code: str = "USD", **terms: Any) -> MarketId:
        """Open a market with a runner for each letter and return its id."""
        covers = terms.get("cover_removals", False)
        every: dict[str, Any] = {"starts_at": 0, "min_stake_minor": 1, "every_reduction": covers} | terms
        (created,) = self.do(CreateMarket(code, MarketTerms("race", tuple(runners), winners, **every)))
        assert isinstance(created, MarketCreated)
        return created.market

    def order(self, words: str, runner: RunnerId = FIRST, market: MarketId | None = None, **more: Any) -> PlaceOrder:
        """Return the command that words like ``ann back 100 @ 2.50`` ask for."""
        name, side, stake_minor, _, odds = words.split()
        return PlaceOrder(
            self.people[name],
            self.market if market is None else market,
            runner,
            Side[side.upper()],
            parse_odds(odds),
            int(stake_minor),
            **more,
        )

    def place(self, words: str, runner: RunnerId = FIRST, market: MarketId | None = None, **more: Any) -> OrderId:
        """Place an order that is accepted, and return its id."""
        placed = self.do(self.order(words, runner, market, **more))[0]
        assert isinstance(placed, OrderPlaced), f"{words}: {placed}"
        return placed.order

    def turn_down(self, words: str, runner: RunnerId = FIRST, market: MarketId | None = None, **more: Any) -> Rejected:
        """Place an order that is refused, and return the refusal."""
        return self.refuse(self.order(words, runner, market, **more))

    def place_all(self, *several: str, runner: RunnerId = FIRST) -> list[OrderId]:
        """Place several orders on one runner, one after the other, and return their ids."""
        return [self.place(words, runner) for words in several]

    def work(self, most: int = CHORES_MAX) -> int:
        """Give the house the commands it asks for until it wants no more now; return how many those were."""
        done = 0
        while chores := self.house.chores(self.next_at, most):
            for chore in chores:
                self.do(chore)
                done += 1
        return done

    def finish(self, command: Command) -> None:
        """Decide a command that is accepted, and all the chores that come of it."""
        events = self.do(command)
        assert not isinstance(events[0], Rejected), f"{command}: {events[0]}"
        self.work()

    def cash(self, name: str, code: str = "USD") -> int:
        """Return a customer's cash."""
        return self.balance_minor(self.people[name], code)

    def escrow(self, name: str, code: str = "USD") -> int:
        """Return what is held in escrow for a customer."""
        return self.balance_minor(self.people[name], code, AccountClass.ESCROW)

    def owed(self, name: str) -> int:
        """Return what a customer owes the house."""
        return -self.balance_minor(self.people[name], "USD", AccountClass.RECEIVABLE)

    def house_has(self, account_class: AccountClass) -> int:
        """Return what is in one of the house's own accounts."""
        return self.balance_minor(HOUSE, "USD", account_class)

    def name(self, customer: CustomerId) -> str:
        """Return by which name a customer goes here."""
        return next(name for name, known in self.people.items() if known == customer)

    def book(self, runner: RunnerId = FIRST, market: MarketId | None = None) -> str:
        """Draw a book: a line for each side and odds, next to be matched first, with who waits for how much."""
        book = self.house.exchange.markets[self.market if market is None else market].books[runner]
        lines: dict[tuple[Side, int], list[str]] = {}
        for side in Side:
            for order in book.orders(side):
                waiting = lines.setdefault((side, order.odds), [])
                waiting.append(f"{self.name(order.customer)} {order.remaining_minor}")
        return drawn(
            "\n".join(
                f"{side.name.lower()} {format_odds(odds)}: {', '.join(who)}" for (side, odds), who in lines.items()
            )
        )

    def bets(self, events: Iterable[Event]) -> list[str]:
        """Say what was matched, like ``bob 100 @ 1.80``: whose waiting order, how much and at which odds."""
        return [
            f"{self.name(event.maker_customer)} {event.stake_minor} @ {format_odds(event.odds)}"
            for event in events
            if isinstance(event, Matched)
        ]


def drawn(text: str) -> str:
    """Return a drawn book without the blanks around its words."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def moved(events: Iterable[Event]) -> list[tuple[str, int]]:
    """Say which money moved, by kind and amount."""
    return [(event.kind.name, event.amount_minor) for event in events if isinstance(event, Transferred)]


def open_floor(*names: str, cash_minor: int = 100_000, **terms: Any) -> Floor:
    """Open a floor with these customers, each with some cash, and a market on these terms."""
    floor = Floor()
    floor.define("USD")
    for name in names:
        floor.join(name, USD=cash_minor)
    floor.market = floor.create(**terms)
    return floor
