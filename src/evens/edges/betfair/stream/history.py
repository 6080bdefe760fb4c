"""A market's whole history as Betfair's historic data has it: a line of JSON for each moment at which it changed.

It is made of the journal by the view and the translation of the live stream, so it is what a client that followed all
markets from their first moment, with every field, would have written down; but every command has a line of its own,
with the moment at which it was recorded, and nothing is conflated.
"""

from collections.abc import Iterable
from typing import Any, Final

from evens.core.events.exchange import MarketCreated
from evens.core.receipts import Receipt
from evens.core.values.ids import MarketId
from evens.core.values.money import Currency
from evens.edges.betfair.stream.pictures import MarketPicture
from evens.edges.betfair.stream.price_channel import PriceView
from evens.edges.betfair.stream.price_rows import Field, Projection, change, image
from evens.edges.betfair.stream.statuses import line
from evens.edges.betfair.wire.moments import milliseconds
from evens.edges.stream.market_channel import MARKET_EVENTS
from evens.store.exchange.created import row_of_created
from evens.store.exchange.snapshots import MarketSnapshot

RECORDED: Final = Projection(
    frozenset({Field.ALL, Field.TRADED, Field.TRADED_VOLUME, Field.LAST_PRICE, Field.DEFINITION})
)
"""The fields that historic data has. The best prices follow from all prices."""


class HistoryWriter:
    """Writes the lines of a market, given the records of the journal in their order, from the one that created it."""

    def __init__(self, market: MarketId, currency: Currency) -> None:
        self._market = market
        self._currency = currency
        self._view: PriceView | None = None
        self._before: MarketPicture | None = None

    def take(self, receipt: Receipt) -> Iterable[bytes]:
        """Yield the line of a record, if it changed what is shown. Records of other things are no trouble."""
        for event in receipt.events:
            if isinstance(event, MarketCreated) and event.market == self._market:
                row = row_of_created(event, receipt.at)
                snapshot = MarketSnapshot(receipt.seq, receipt.at, row, {}, (), (), (), (self._currency,))
                self._view = PriceView(snapshot, self._currency)
            elif isinstance(event, MARKET_EVENTS) and event.market == self._market:
                if self._view is None:
                    raise ValueError(f"record {receipt.seq} is of market {self._market} before it was created")
                self._view.apply(receipt.seq, receipt.at, event)
        if self._view is None:
            return
        picture = self._view.picture()
        entry = _first(picture) if self._before is None else change(self._before, picture, RECORDED)
        self._before = picture
        if entry is not None:
            yield line({"op": "mcm", "clk": str(receipt.seq), "pt": milliseconds(receipt.at), "mc": [entry]})


def _first(picture: MarketPicture) -> dict[str, Any]:
    """Return the whole market. Historic data does not say that it is an image."""
    return {name: value for name, value in image(picture, RECORDED).items() if name != "img"}
