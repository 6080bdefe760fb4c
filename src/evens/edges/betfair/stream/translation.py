"""Entries of messages, encoded: what leads from one picture to another, for everybody who has the one."""

import msgspec

from evens.edges.betfair.stream.bet_pictures import CustomerBets
from evens.edges.betfair.stream.bet_rows import BetProjection, bet_changes
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


def bet_entries(before: CustomerBets | None, after: CustomerBets, projection: BetProjection) -> bytes:
    """Return entries of ``oc``, joined by commas; empty if nothing changed that was asked for."""
    return b",".join(map(_encoder.encode, bet_changes(before, after, projection)))


def is_never_over(_picture: CustomerBets) -> bool:
    """Return that a customer always can have more bets."""
    return False
