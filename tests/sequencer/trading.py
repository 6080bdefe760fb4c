"""Markets with customers in them, for a sequencer that has long work to do."""

from evens.core.commands.exchange import CreateMarket, PlaceOrder, TurnInPlay
from evens.core.events.exchange import OrderPlaced, PositionSettled
from evens.core.receipts import Receipt
from evens.core.values.betting import MarketStatus, MarketTerms, Persistence, Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.sequencer.inbox import HOUSE_ACTOR
from tests.sequencer.writing import NOON, Writer

CUSTOMERS = 6
DELAY_NS = 5 * 10**9


class Clock:
    """A clock that stands still until it is set; ``readings`` come first if there are any."""

    def __init__(self) -> None:
        self.now = NOON
        self.readings: list[int] = []

    def __call__(self) -> int:
        """Return the time, in nanoseconds since 1970."""
        return self.readings.pop(0) if self.readings else self.now


async def open_market(writer: Writer) -> MarketId:
    """Open a market with a bet delay once it is in-play, and return its id."""
    terms = MarketTerms("Winner", ("Ann", "Bo"), 1, NOON, 100, bet_delay_ms=DELAY_NS // 10**6)
    return MarketId((await writer.book(CreateMarket("USD", terms))).seq)


async def open_traded_market(writer: Writer, customers: list[CustomerId]) -> MarketId:
    """Open a market in which every other customer has a bet with the next one, and return its id."""
    market = await open_market(writer)
    for place, customer in enumerate(customers):
        side = Side.LAY if place % 2 else Side.BACK
        await writer.book(PlaceOrder(customer, market, RunnerId(1), side, 200, 100))
    return market


async def place_delayed_order(writer: Writer, customer: CustomerId) -> OrderPlaced:
    """Turn a market in-play, wait until it takes orders again, and place one."""
    market = await open_market(writer)
    await writer.book(TurnInPlay(market))
    await has_nothing_to_advance(writer)
    order = PlaceOrder(customer, market, RunnerId(1), Side.BACK, 200, 100, persistence=Persistence.PERSIST)
    (placed, *_) = (await writer.book(order)).events
    assert isinstance(placed, OrderPlaced)
    return placed


async def has_nothing_to_advance(writer: Writer) -> None:
    """Wait until no market is in a stage, according to what is stored."""
    while writer.journal.disk.house().agenda.long_work:
        await stores_another(writer)


async def stores_another(writer: Writer) -> None:
    """Wait until one more batch is stored."""
    milestones = writer.journal.milestones
    await milestones.reached("stored", milestones.counts["stored"] + 1)


def chores(writer: Writer) -> list[Receipt]:
    """Return what the house has done of itself."""
    return [receipt for receipt in writer.journal.disk.receipts if receipt.actor == HOUSE_ACTOR]


def settled(writer: Writer, market: MarketId) -> list[CustomerId]:
    """Return for whom a market was settled, in order."""
    return [
        event.customer
        for receipt in writer.journal.disk.receipts
        for event in receipt.events
        if isinstance(event, PositionSettled) and event.market == market
    ]


def status(writer: Writer, market: MarketId) -> MarketStatus:
    """Return where a market stands, according to what is stored."""
    return writer.journal.disk.house().exchange.markets[market].status


async def open_house(writer: Writer) -> list[CustomerId]:
    """Register customers with enough cash, and return their ids."""
    return await writer.open_house(**{f"customer{number}": 10_000 for number in range(CUSTOMERS)})
