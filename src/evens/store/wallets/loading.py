"""Loading currencies, customers, balances, pending withdrawals, reversals and deposit limits from their tables."""

from typing import TYPE_CHECKING, Final, cast

from evens.core.state import House
from evens.core.values.deposit_limits import NO_DEPOSIT_LIMITS, DepositLimit
from evens.core.values.ids import AccountClass, account_id
from evens.core.values.money import Currency
from evens.core.wallets.state import PendingWithdrawal
from evens.store.wallets.recalling import gross_deposits
from evens.store.wallets.tables import BALANCES, CURRENCIES, CUSTOMERS, DEPOSIT_LIMITS, REVERSALS, WITHDRAWALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from evens.store.database import Wire

_PAGE: Final = 100_000
_FIRST: Final = -(2**63)

_CURRENCIES: Final = f"{CURRENCIES.select()} ORDER BY number"
_CUSTOMERS: Final = f"{CUSTOMERS.select('id', 'username')} WHERE id > $1 ORDER BY id LIMIT $2"
_FROZEN: Final = f"{CUSTOMERS.select('id')} WHERE frozen ORDER BY id"
_MARKED: Final = f"{CUSTOMERS.select('id', 'excluded_until', 'tags')} WHERE excluded_until IS NOT NULL OR tags <> ''"
_BALANCES: Final = f"{BALANCES.select('account', 'balance')} WHERE account > $1 ORDER BY account LIMIT $2"
_LIMITS: Final = f"{DEPOSIT_LIMITS.select()} ORDER BY {', '.join(DEPOSIT_LIMITS.key)}"
_REVERSALS: Final = f"{REVERSALS.select()} ORDER BY reversal"
_PENDING: Final = f"{WITHDRAWALS.select()} WHERE status = 'pending' ORDER BY id"


async def load_wallets(connection: "Wire", house: House) -> None:
    """Fill the ledger and the wallets of an empty house with what the tables have."""
    await load_currencies(connection, house)
    await _load_customers(connection, house)
    await _load_balances(connection, house)
    for row in await connection.fetch(_PENDING):
        pending = PendingWithdrawal(row["customer"], row["currency_number"], row["amount"])
        house.wallets.add_pending(row["id"], pending)
    for reversal, transaction in await connection.fetch(_REVERSALS):
        house.wallets.reversals[transaction] = reversal
    await _load_deposit_limits(connection, house)


async def load_currencies(connection: "Wire", house: House) -> None:
    """Add every currency to an empty house."""
    for row in await connection.fetch(_CURRENCIES):
        currency = Currency(row["number"], row["code"], row["scale"])
        house.ledger.currencies[currency.code] = house.ledger.currencies_by_number[currency.number] = currency


async def _load_customers(connection: "Wire", house: House) -> None:
    wallets = house.wallets
    last = _FIRST
    while page := await connection.fetch(_CUSTOMERS, last, _PAGE):
        for customer, username in page:
            wallets.add_customer(customer, username)
        last = page[-1]["id"]
    wallets.frozen.update((customer, None) for (customer,) in await connection.fetch(_FROZEN))
    for customer, excluded_until, tags in await connection.fetch(_MARKED):
        if excluded_until is not None:
            wallets.excluded[customer] = excluded_until
        if tags:
            wallets.tags[customer] = frozenset(tags.split())


async def _load_deposit_limits(connection: "Wire", house: House) -> None:
    await add_deposit_limits(connection, house, await connection.fetch(_LIMITS))


async def add_deposit_limits(connection: "Wire", house: House, rows: "Sequence[asyncpg.Record]") -> None:
    """Add limits in the order of their table's key, and what was deposited for those who have them."""
    limits: dict[int, list[DepositLimit]] = {}
    for row in rows:
        cash = account_id(row["customer"], row["currency_number"], AccountClass.CASH)
        limits.setdefault(cash, []).append(DepositLimit(row["amount"], row["later_amount"], row["later_at"]))
    limited = [cash for cash, by_period in limits.items() if tuple(by_period) != NO_DEPOSIT_LIMITS]
    for cash, deposited in (await gross_deposits(connection, limited)).items():
        house.wallets.set_deposit_limits(cash, tuple(limits[cash]), deposited)


async def _load_balances(connection: "Wire", house: House) -> None:
    balances = house.ledger.balances
    last = _FIRST
    while page := await connection.fetch(_BALANCES, last, _PAGE):
        balances.update(cast("list[tuple[int, int]]", page))
        last = page[-1]["account"]
