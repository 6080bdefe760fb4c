"""Reading from the tables what a command has to know of the past: each product reads what its rules ask for."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from evens.store.challenges.recalling import RECALLS as CHALLENGES
from evens.store.exchange.recalling import RECALLS as EXCHANGE
from evens.store.fixed_odds.recalling import RECALLS as FIXED_ODDS
from evens.store.pools.recalling import RECALLS as POOLS
from evens.store.wallets.recalling import RECALLS as WALLETS

if TYPE_CHECKING:
    from evens.store.database import Wire

RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {
    **WALLETS,
    **EXCHANGE,
    **CHALLENGES,
    **FIXED_ODDS,
    **POOLS,
}
"""By what is asked for: how it is read."""


async def recall(connection: "Wire", wanted: object) -> object:
    """Return what was asked for (see :class:`evens.core.rules.Rules`), as it is stored now."""
    return await RECALLS[type(wanted)](connection, wanted)
