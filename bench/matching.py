"""Matching without a database: the book alone beside another one, and the rules with exposure and ledger."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

# The package has neither types nor stubs.
from lightmatchingengine.lightmatchingengine import (  # pyright: ignore[reportMissingTypeStubs]
    LightMatchingEngine,
)

from bench.report import Report
from evens.core.commands.every import Command
from evens.core.commands.exchange import CancelOrder, CreateMarket, PlaceOrder
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.exchange import Matched
from evens.core.exchange.book import Order, RunnerBook
from evens.core.kernel import step
from evens.core.state import House
from evens.core.values.betting import MarketTerms, Persistence, Side, TimeInForce
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId, MarketId, OrderId, Rail, RunnerId
from evens.core.values.odds import CLASSIC
from evens.store.embedded import Running

OPERATIONS: Final = 200_000
COMMANDS: Final = 100_000
CUSTOMERS: Final = 200
ROUNDS: Final = 3
RUNNERS: Final = ("Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal")

_MIDDLE: Final = CLASSIC.odds.index(300)
_BUY, _SELL = 1, 2


@dataclass(frozen=True, slots=True)
class Placing:
    """An order to be placed, or the number of an earlier one (from 0) to be cancelled."""

    side: Side = Side.BACK
    odds: int = 0
    stake_minor: int = 0
    cancels: int | None = None


def flow(count: int, seed: int, cancelled: float = 0.3) -> list[Placing]:
    """Return realistic steps: prices around a middle, and 30 % of the steps cancel an order that still waits."""
    draw = random.Random(seed)
    book, waiting = RunnerBook(), list[tuple[int, Order]]()
    steps: list[Placing] = []
    placed = 0
    while len(steps) < count:
        if waiting and draw.random() < cancelled:
            place = draw.randrange(len(waiting))
            waiting[place], waiting[-1] = waiting[-1], waiting[place]
            number, order = waiting.pop()
            if order.remaining_minor:
                book.take(order, order.remaining_minor)
                steps.append(Placing(cancels=number))
            continue
        side = draw.choice((Side.BACK, Side.LAY))
        away = round(draw.gauss(6, 8))
        odds = CLASSIC.odds[_MIDDLE + (away if side is Side.BACK else -away)]
        step_taken = Placing(side, odds, draw.randint(200, 10_000))
        waiting.append((placed, _play(book, placed + 1, step_taken)[0]))
        steps.append(step_taken)
        placed += 1
    return steps


def _play(book: RunnerBook, number: int, step_taken: Placing) -> tuple[Order, int]:
    """Place an order in our book; return it and how much of it was matched."""
    side, odds, stake_minor = step_taken.side, step_taken.odds, step_taken.stake_minor
    order = Order(
        OrderId(number),
        MarketId(1),
        RunnerId(1),
        CustomerId(number),
        side,
        odds,
        stake_minor,
        Persistence.LAPSE,
        TimeInForce.GOOD_TILL_CANCELLED,
        0,
        None,
    )
    fills, left_minor = book.fills(side, odds, stake_minor, 1_000)
    for maker, amount_minor in fills:
        book.take(maker, amount_minor)
    order.remaining_minor = left_minor
    if left_minor:
        book.add(order)
    return order, stake_minor - left_minor


def ours(steps: Sequence[Placing]) -> tuple[float, int]:
    """Return how many steps a second our book takes, and how much was matched."""
    book, orders, matched_minor = RunnerBook(), list[Order](), 0
    started = perf_counter()
    for step_taken in steps:
        if step_taken.cancels is None:
            order, minor = _play(book, len(orders) + 1, step_taken)
            orders.append(order)
            matched_minor += minor
        else:
            order = orders[step_taken.cancels]
            book.take(order, order.remaining_minor)
    return len(steps) / (perf_counter() - started), matched_minor


def theirs(steps: Sequence[Placing]) -> tuple[float, int]:
    """Return the same of the reference: whoever lays buys at up to a price, whoever backs sells from a price up."""
    engine: Any = LightMatchingEngine()
    numbers: list[int] = []
    matched_minor = 0
    started = perf_counter()
    for step_taken in steps:
        if step_taken.cancels is None:
            side = _SELL if step_taken.side is Side.BACK else _BUY
            order, _trades = engine.add_order("runner", step_taken.odds, step_taken.stake_minor, side)
            numbers.append(order.order_id)
            matched_minor += order.cum_qty
        else:
            engine.cancel_order(numbers[step_taken.cancels], "runner")
    return len(steps) / (perf_counter() - started), matched_minor


def rules(seed: int) -> tuple[float, float]:
    """Return how many order commands a second the rules decide, and what part of them made a bet."""
    draw = random.Random(seed)
    house = House()

    def do(command: Command) -> Any:
        return step(house, command, house.seq + 1, house.at + TRANSFERS_PER_COMMAND_MAX)

    do(DefineCurrency("USD", 2))
    customers = [do(RegisterCustomer(f"c{number}"))[0].customer for number in range(CUSTOMERS)]
    for customer in customers:
        do(Deposit(customer, "USD", 10**12, Rail.DESK))
    market = do(CreateMarket("USD", MarketTerms("Race", RUNNERS, 1, 0, 200)))[0].market
    steps = [(draw.choice(customers), RunnerId(draw.randint(1, len(RUNNERS))), taken) for taken in flow(COMMANDS, seed)]
    placed: list[tuple[CustomerId, OrderId]] = []
    bets = 0
    spent = 0.0
    for customer, runner, taken in steps:
        if taken.cancels is None:
            command = PlaceOrder(customer, market, runner, taken.side, taken.odds, taken.stake_minor)
        else:
            command = CancelOrder(*placed[taken.cancels])
        started = perf_counter()
        happened = do(command)
        spent += perf_counter() - started
        if taken.cancels is None:
            placed.append((customer, OrderId(house.seq)))
            bets += any(type(event) is Matched for event in happened)
    house.check()
    return len(steps) / spent, bets / len(steps)


async def run(server: Running, report: Report) -> None:
    """Measure the book beside the reference on the same steps, then the rules."""
    steps = flow(OPERATIONS, seed=1)
    mine = [ours(steps) for _ in range(ROUNDS)]
    other = [theirs(steps) for _ in range(ROUNDS)]
    if {minor for _, minor in (*mine, *other)} != {mine[0][1]}:
        raise AssertionError("the two books do not match the same")
    best, reference = max(mine)[0], max(other)[0]
    report.add("lightmatchingengine, the same flow", reference, "operations/s")
    report.add("the book alone", best, "operations/s", 300_000)
    report.add("the book ÷ lightmatchingengine", best / reference, "×", 3)
    decided = [rules(seed) for seed in range(ROUNDS)]
    report.add("matching with exposure and ledger", max(decided)[0], "commands/s", 40_000)
    report.add("… of which made a bet", max(decided)[1] * 100, "%")
