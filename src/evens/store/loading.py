"""Loading the house from the tables, which hold the whole live state."""

from typing import TYPE_CHECKING, Final, cast

from evens.core.state import House
from evens.core.values.money import Currency
from evens.core.wallets.state import PendingWithdrawal
from evens.store.challenges.loading import load_challenges
from evens.store.exchange.loading import load_exchange

if TYPE_CHECKING:
    from evens.store.database import Wire

_PAGE: Final = 100_000
_FIRST: Final = -(2**63)

_HEAD: Final = "SELECT seq, at FROM evens.head"
_CURRENCIES: Final = "SELECT number, code, scale FROM evens.currencies ORDER BY number"
_CUSTOMERS: Final = "SELECT id, username FROM evens.customers WHERE id > $1 ORDER BY id LIMIT $2"
_FROZEN: Final = "SELECT id FROM evens.customers WHERE frozen ORDER BY id"
_BALANCES: Final = "SELECT account, balance FROM evens.balances WHERE account > $1 ORDER BY account LIMIT $2"
_PENDING: Final = """
SELECT id, customer, currency_number, amount FROM evens.withdrawals WHERE status = 'pending' ORDER BY id
"""


async def load_house(connection: "Wire") -> House:
    """Return the house as the tables have it. The caller makes sure that nobody writes meanwhile."""
    house = House()
    head = await connection.fetchrow(_HEAD)
    assert head is not None
    house.seq, house.at = head["seq"], head["at"]
    for number, code, scale in await connection.fetch(_CURRENCIES):
        currency = Currency(number, code, scale)
        house.ledger.currencies[code] = house.ledger.currencies_by_number[number] = currency
    await _load_customers(connection, house)
    await _load_balances(connection, house)
    await load_exchange(connection, house.exchange)
    await load_challenges(connection, house.challenges)
    return house


async def _load_customers(connection: "Wire", house: House) -> None:
    wallets = house.wallets
    last = _FIRST
    while page := await connection.fetch(_CUSTOMERS, last, _PAGE):
        for customer, username in page:
            wallets.add_customer(customer, username)
        last = page[-1]["id"]
    wallets.frozen.update((customer, None) for (customer,) in await connection.fetch(_FROZEN))
    for withdrawal, customer, currency_number, amount in await connection.fetch(_PENDING):
        wallets.add_pending(withdrawal, PendingWithdrawal(customer, currency_number, amount))


async def _load_balances(connection: "Wire", house: House) -> None:
    balances = house.ledger.balances
    last = _FIRST
    while page := await connection.fetch(_BALANCES, last, _PAGE):
        balances.update(cast("list[tuple[int, int]]", page))
        last = page[-1]["account"]
