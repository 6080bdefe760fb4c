"""The ledger's live state: currencies, and one balance for every account that ever held anything."""

from collections import ChainMap
from collections.abc import Callable, Iterator, MutableMapping

from evens.core.events.ledger import Transferred
from evens.core.values.ids import (
    AccountClass,
    account_class,
    account_currency,
    may_be_negative,
)
from evens.core.values.money import Currency


class InvariantBroken(Exception):
    """The books contradict themselves. This is never a user's fault: stop, and run ``evens audit``."""


class Ledger:
    """Currencies by code and by number, and balances in minor units by account id.

    An account that was never touched is absent and counts as zero. Only :mod:`evens.core.ledger.transfers` writes
    balances. ``deposit_follower`` hears of every deposit that was carried out.
    """

    __slots__ = ("balances", "currencies", "currencies_by_number", "deposit_follower")

    def __init__(self, balances: MutableMapping[int, int] | None = None) -> None:
        self.balances: MutableMapping[int, int] = {} if balances is None else balances
        self.currencies: dict[str, Currency] = {}
        self.currencies_by_number: dict[int, Currency] = {}
        self.deposit_follower: Callable[[Transferred], None] | None = None

    def draft(self) -> "Ledger":
        """Return a ledger that reads through to this one but keeps every change to itself."""
        draft = Ledger(ChainMap({}, self.balances))
        draft.currencies = self.currencies
        draft.currencies_by_number = self.currencies_by_number
        return draft

    def balance_minor(self, account: int) -> int:
        """Return the account's balance; zero if it was never touched."""
        return self.balances.get(account, 0)

    def totals_minor(self) -> dict[tuple[int, AccountClass], int]:
        """Return the sum of balances by currency number and account class."""
        totals: dict[tuple[int, AccountClass], int] = {}
        for account, balance in self.balances.items():
            key = account_currency(account), account_class(account)
            totals[key] = totals.get(key, 0) + balance
        return totals

    def check(self) -> None:
        """Raise :class:`InvariantBroken` unless every currency sums to zero and no bounded account is negative."""
        sums: dict[int, int] = {}
        for account, balance in self.balances.items():
            if balance < 0 and not may_be_negative(account):
                raise InvariantBroken(f"account {account} stands at {balance}")
            number = account_currency(account)
            sums[number] = sums.get(number, 0) + balance
        for number, total in sums.items():
            if total != 0:
                raise InvariantBroken(f"balances of currency {number} sum to {total}, not zero")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield nothing: the ledger keeps what others hold in escrow and holds nothing itself."""
        return iter(())

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order. Accounts at zero are left out."""
        for number, currency in sorted(self.currencies_by_number.items()):
            yield f"currency {number} {currency.code} {currency.scale}"
        for account in sorted(self.balances):
            balance = self.balances[account]
            if balance:
                yield f"balance {account} {balance}"
