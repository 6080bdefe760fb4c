"""Entries of messages, encoded: what leads from one picture to another, for everybody who has the one."""

import msgspec

from evens.edges.betfair.stream.pictures import MarketPicture
from evens.edges.betfair.stream.price_rows import Projection, change, image

_encoder = msgspec.json.Encoder()


def market_entry(before: MarketPicture | None, after: MarketPicture, projection: Projection) -> bytes:
    """Return an entry of ``mc``, empty if nothing changed that was asked for."""
    entry = image(after, projection) if before is None else change(before, after, projection)
    return b"" if entry is None else _encoder.encode(entry)


def is_market_over(picture: MarketPicture) -> bool:
    """Return whether a market is settled, so that nothing more is to be told of it."""
    return picture.definition["status"] == "CLOSED"
