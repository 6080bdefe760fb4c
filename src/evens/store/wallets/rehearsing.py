"""What the rehearsal of a command needs of the wallets: payments, and the holders of accounts with what they have."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, cast

from evens.core.commands.wallets import CompleteWithdrawal, Deposit, RejectWithdrawal, ReverseTransaction, Withdraw
from evens.core.state import House
from evens.core.values.ids import account_holder, account_range
from evens.core.wallets.state import PendingWithdrawal
from evens.store.wallets.loading import add_deposit_limits
from evens.store.wallets.tables import BALANCES, CUSTOMERS, DEPOSIT_LIMITS, REVERSALS, WITHDRAWALS

if TYPE_CHECKING:
    from evens.store.database import Wire

_HELD: Final = f"""
{BALANCES.select("account", "balance", alias="b")}
JOIN unnest($1::bigint[], $2::bigint[]) AS held (first, beyond) ON b.account >= held.first AND b.account < held.beyond
"""
_CUSTOMERS: Final = f"""
{CUSTOMERS.select("id", "username", "frozen", "excluded_until", "tags", "commission_discount_bps")}
WHERE id = ANY ($1::bigint[])
"""
_LIMITS: Final = (
    f"{DEPOSIT_LIMITS.select()} WHERE customer = ANY ($1::bigint[]) ORDER BY {', '.join(DEPOSIT_LIMITS.key)}"
)
_PENDING: Final = f"{WITHDRAWALS.select()} WHERE id = $1 AND status = 'pending'"
_REVERSAL: Final = f"{REVERSALS.select()} WHERE transfer = $1"


async def load_reversible(connection: "Wire", house: House, command: ReverseTransaction) -> set[int]:
    """Add what is known of a transfer's reversal; return who holds accounts that it can move money between."""
    for reversal, transaction in await connection.fetch(_REVERSAL, command.transaction):
        house.wallets.reversals[transaction] = reversal
    return {account_holder(command.debit), account_holder(command.credit)}


async def load_pending(connection: "Wire", house: House, command: CompleteWithdrawal | RejectWithdrawal) -> set[int]:
    """Add a withdrawal that waits; return who holds accounts that it can move money between."""
    for row in await connection.fetch(_PENDING, command.withdrawal):
        pending = PendingWithdrawal(row["customer"], row["currency_number"], row["amount"])
        house.wallets.add_pending(row["id"], pending)
    return {pending.customer for pending in house.wallets.pending.values()}


async def load_customer(connection: "Wire", house: House, command: Deposit | Withdraw) -> set[int]:
    """Return whose accounts a payment moves money between: nothing else is needed."""
    return {command.customer}


async def load_holders(connection: "Wire", house: House, holders: Collection[int]) -> dict[int, int]:
    """Add holders who are not there yet, customers among them with what marks them; return all of their balances."""
    bounds = [account_range(holder) for holder in holders]
    rows = await connection.fetch(_HELD, [first for first, _ in bounds], [beyond for _, beyond in bounds])
    balances = dict(cast("list[tuple[int, int]]", rows))
    house.ledger.balances.update(balances)
    wallets, customers = house.wallets, [holder for holder in holders if holder > 0]
    for customer, username, frozen, excluded_until, tags, discount_bps in await connection.fetch(_CUSTOMERS, customers):
        wallets.add_customer(customer, username)
        if frozen:
            wallets.frozen[customer] = None
        if excluded_until is not None:
            wallets.excluded[customer] = excluded_until
        if tags:
            wallets.tags[customer] = frozenset(tags.split())
        if discount_bps:
            house.exchange.discounts[customer] = discount_bps
    await add_deposit_limits(connection, house, await connection.fetch(_LIMITS, customers))
    return balances
