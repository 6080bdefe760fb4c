"""A recorded market, replayed: after every message our book is the recorded one, and in the end the books balance.

Each price level of the recording is an order of a quoting customer, one for each side, who follows the levels as they
change. A punter takes a little of the best prices in between, so that there is something to settle.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import pytest

from evens.core.commands.exchange import CancelOrder, CreateMarket, PlaceOrder, SettleMarket
from evens.core.events.exchange import Matched, OrderPlaced, PositionSettled
from evens.core.exchange.market import Market
from evens.core.values.betting import MarketStatus, MarketTerms, Side
from evens.core.values.ids import AccountClass, CustomerId, MarketId, OrderId, RunnerId
from evens.edges.cli.exchange.recording import Place, Recording
from tests.core.desk import NOON, Desk

RECORDING = Path(__file__).resolve().parents[4] / "shared" / "data" / "betfair_stream_1.197931750.jsonl"

pytestmark = pytest.mark.skipif(not RECORDING.exists(), reason="the recorded market is not here")

PURSE_MINOR = 10**12
TAKEN_MINOR = 137


def messages(recording: Recording) -> Iterator[None]:
    """Go on message by message."""
    with RECORDING.open("rb") as lines:
        for line in lines:
            recording.take(line)
            yield


def winners(recording: Recording) -> tuple[RunnerId, ...]:
    """Return who won."""
    won = [int(runner["id"]) for runner in recording.definition["runners"] if runner["status"] == "WINNER"]
    return tuple([RunnerId(recording.number_of(selection)) for selection in won])


class Quoter:
    """Follows the recorded levels with orders, one for each level."""

    def __init__(self, desk: Desk, market: MarketId) -> None:
        self._desk = desk
        self._market = market
        self._customers = {side: desk.register(side.name.lower(), USD=PURSE_MINOR) for side in Side}
        self._orders: dict[Place, OrderId] = {}

    def follow(self, wanted: Mapping[Place, int]) -> None:
        """Make the book what is wanted: less everywhere first, so that nothing crosses on the way."""
        for place in [*self._orders]:
            self._shrink(place, wanted.get(place, 0))
        for place, size_minor in wanted.items():
            self._grow(place, size_minor)

    def _shrink(self, place: Place, size_minor: int) -> None:
        order = self._orders[place]
        waiting = self._desk.house.exchange.orders.get(order)
        if waiting is None:
            del self._orders[place]
        elif waiting.remaining_minor > size_minor:
            self._desk.do(CancelOrder(waiting.customer, order, waiting.remaining_minor - size_minor))
            if size_minor == 0:
                del self._orders[place]

    def _grow(self, place: Place, size_minor: int) -> None:
        waiting = self._desk.house.exchange.orders.get(self._orders.get(place, OrderId(0)))
        if waiting is not None and waiting.remaining_minor == size_minor:
            return
        if waiting is not None:
            self._desk.do(CancelOrder(waiting.customer, waiting.id))
        runner, side, odds = place
        happened = self._desk.do(
            PlaceOrder(self._customers[side], self._market, RunnerId(runner), side, odds, size_minor)
        )
        assert isinstance(happened[0], OrderPlaced), happened
        assert not any(isinstance(event, Matched) for event in happened)
        self._orders[place] = happened[0].order


def drawn(market: Market) -> dict[Place, int]:
    """Return what waits in our book."""
    return {
        (runner, side, odds): minor
        for runner, book in market.books.items()
        for side in Side
        for odds, minor in book.levels(side)
    }


def take_a_little(desk: Desk, punter: CustomerId, market: Market, turn: int) -> int:
    """Take from the best price of one runner, in turns backing and laying; return how much was matched."""
    runner = RunnerId(turn % len(market.books) + 1)
    side = Side.BACK if turn % 4 < 2 else Side.LAY
    odds = market.books[runner].best(Side.LAY if side is Side.BACK else Side.BACK)
    if odds is None:
        return 0
    happened = desk.do(PlaceOrder(punter, market.id, runner, side, odds, TAKEN_MINOR))
    desk.do(CancelOrder(punter, OrderId(desk.house.seq)))
    return sum(event.stake_minor for event in happened if isinstance(event, Matched))


def test_the_book_is_the_recorded_one_after_every_message_and_the_books_balance_in_the_end() -> None:
    desk = Desk()
    desk.define("USD")
    recording = Recording()
    lines = messages(recording)
    next(lines)
    terms = MarketTerms("Greyhounds", tuple(map(str, recording.runners)), 1, NOON, 1, commission_bps=500)
    desk.do(CreateMarket("USD", terms))
    market = desk.house.exchange.markets[MarketId(desk.house.seq)]
    quoter, punter = Quoter(desk, market.id), desk.register("punter", USD=PURSE_MINOR)
    compared = matched_minor = 0
    for turn, _ in enumerate(chain([None], lines)):
        quoter.follow(recording.waiting)
        assert drawn(market) == recording.waiting, f"message {turn}"
        compared += 1
        matched_minor += take_a_little(desk, punter, market, turn)
        desk.house.check()
    assert compared == 166
    assert matched_minor > 100 * TAKEN_MINOR

    desk.do(SettleMarket(market.id, winners(recording)))
    profits_minor: list[int] = []
    while desk.house.agenda.long_work:
        for chore in desk.house.chores(desk.next_at, 1):
            profits_minor += [event.profit_minor for event in desk.do(chore) if isinstance(event, PositionSettled)]
    assert market.status is MarketStatus.SETTLED
    desk.house.check()
    assert desk.house.ledger.totals_minor()[1, AccountClass.ESCROW] == 0
    assert sum(profits_minor) <= 0
    assert max(profits_minor) > 0

    assert desk.replayed().digest() == desk.house.digest()
