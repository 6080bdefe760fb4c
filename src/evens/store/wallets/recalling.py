"""Reading what was deposited so far, for customers whose deposits are to be held against limits."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from evens.core.values.deposit_limits import GrossDeposits, Period, bounds
from evens.core.wallets.deposit_limits import DepositsOf
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_DEPOSITS: Final = statements("wallets", "deposits")


async def gross_deposits(connection: "Wire", accounts: Sequence[int]) -> dict[int, GrossDeposits]:
    """Return what was deposited to each of these cash accounts."""
    deposited = dict.fromkeys(accounts, GrossDeposits())
    last_deposits = cast("list[tuple[int, int]]", await connection.fetch(_DEPOSITS["last_deposits"], accounts))
    last_at = dict(last_deposits)
    begins = [[bounds(period, at)[0] for at in last_at.values()] for period in Period]
    for account, *sums in await connection.fetch(_DEPOSITS["deposited_by_account"], list(last_at), *begins):
        deposited[account] = GrossDeposits(last_at[account], *map(int, sums))
    return deposited


async def _recall_deposits(connection: "Wire", wanted: DepositsOf) -> GrossDeposits:
    return (await gross_deposits(connection, [wanted.account]))[wanted.account]


RECALLS: Final[Mapping[type, Callable[["Wire", Any], Awaitable[object]]]] = {DepositsOf: _recall_deposits}
