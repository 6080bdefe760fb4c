"""What other products may see of the exchange, and hear from it. Challenges bet on its results outside of its books."""

from typing import Protocol

from evens.core.events.ledger import Rejected
from evens.core.values.ids import MarketId, RunnerId


class MarketView(Protocol):
    """Markets as a product sees them that takes bets on their results. Markets and runners are named by their ids."""

    def refuse_unknown(self, market: MarketId, runner: RunnerId) -> Rejected | None:
        """Return why there is no such runner: the market or the runner is unknown; ``None`` if there is one."""
        ...

    def refuse_bets_on(self, market: MarketId, runner: RunnerId) -> Rejected | None:
        """Return why nobody can bet on a known runner now; ``None`` if one can."""
        ...

    def is_removed(self, market: MarketId, runner: RunnerId) -> bool:
        """Return whether the runner was removed, so that bets on it are void."""
        ...

    def settlement(self, market: MarketId) -> int | None:
        """Return which of the market's results stands, counted from 1; ``None`` while none is booked."""
        ...

    def is_known(self, market: MarketId) -> bool:
        """Return whether there is such a market, and it is not archived."""
        ...

    def share(self, market: MarketId, runner: RunnerId) -> tuple[int, int]:
        """Return the runner's share of a win under the declared result, as ``share`` of ``parts``.

        1 of 1 is a win, 0 of 1 a loss, 1 of 2 half a win in a dead heat. A void market has 0 parts.
        """
        ...


class MarketFollower(Protocol):
    """A product with bets on the results of markets."""

    def market_turned(self, market: MarketId) -> None:
        """Hear that the contest has begun: the market turned in-play."""
        ...

    def market_decided(self, market: MarketId) -> None:
        """Hear that a result of the market was booked, or that one of its runners was removed."""
        ...

    def has_work_on(self, market: MarketId) -> bool:
        """Return whether something is still to be done for bets on this market, so that it must not be archived."""
        ...

    def market_archived(self, market: MarketId) -> None:
        """Forget the bets on a market that can no longer be corrected."""
        ...
