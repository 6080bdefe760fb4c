"""Pictures: what the Exchange Stream shows of a market at one moment, as values that never change.

Theory of operation
-------------------
The stream's hub follows a market and asks for a picture of it whenever it changed, at most every 50 ms. A client has
been sent some picture, and what it is sent next is the difference between that one and the latest one
(:mod:`evens.edges.betfair.stream.price_rows`). So a message is right whatever the client slept through, however many
changes it combines, and whether or not the view was loaded anew from the database in between.

Pictures share what did not change: a new picture has the same object for each runner that is the same. Differences are
looked for only where the objects differ. Whoever keeps an old picture keeps a few changed runners.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.money import Currency

Levels = tuple[tuple[int, int], ...]
"""Prices with amounts: odds in hundredths, and minor units."""


@dataclass(frozen=True, slots=True)
class RunnerPicture:
    """One runner's prices.

    ``to_back`` is what somebody who backs the runner can take, the highest odds first; ``to_lay`` what somebody who
    lays it can, the lowest odds first; ``traded`` how much was matched at which odds, in ascending order, counted
    as Betfair does: for each customer who bets, so both sides of a bet. ``last_odds`` is 0 as long as nothing was
    matched.
    """

    runner: RunnerId
    to_back: Levels = ()
    to_lay: Levels = ()
    traded: Levels = ()
    last_odds: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class MarketPicture:
    """A market as of the command ``seq``, which was recorded ``at``.

    ``number`` counts the pictures of the market that were made, so that two pictures tell how many lie between them.
    ``definition`` is as Betfair's ``marketDefinition`` has it; ``runners`` are all of them, in their order.
    """

    market: MarketId
    seq: int
    at: int
    number: int
    currency: Currency
    definition: Mapping[str, Any]
    runners: tuple[RunnerPicture, ...]
