"""Bets with the house and in pools: in which lists of which customers an event makes something different."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    BetEnded,
    BetPlaced,
    BetReopened,
    BetsRestored,
    BetsReturned,
    SinglesSettled,
)
from evens.core.events.pools import PoolBetPlaced, StakesSettled

BETS: Final = "bets"
POOL_BETS: Final = "pool_bets"

OF_BETS: Final[Mapping[type[Event], str]] = {
    BetPlaced: BETS,
    BetEnded: BETS,
    BetReopened: BETS,
    BetsReturned: BETS,
    BetsRestored: BETS,
    SinglesSettled: BETS,
    PoolBetPlaced: POOL_BETS,
    StakesSettled: POOL_BETS,
}
"""By type of event: the list that it changes, ``GET /v1/sportsbook/bets`` or ``GET /v1/pools/bets``."""


def concerned(event: Any) -> Iterable[int]:
    """Return the customers whose lists an event of :data:`OF_BETS` changes, each once."""
    if isinstance(event, BetsRestored):
        return {booked.customer for booked in event.booked}
    return (event.customer,)
