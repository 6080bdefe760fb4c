"""Customers' own deposit limits: setting them, and holding deposits against them.

What counts are gross deposits: everything that was deposited in the period, whatever was withdrawn since. The house
counts the deposits of those who have limits. A limit set at noon counts what was deposited in the morning, too: when
somebody without limits sets some, the sums of their deposits so far are recalled from the tables and recorded with the
event.

Example: on Tuesday ann deposits 80.00 and withdraws 50.00, then limits herself to 100.00 a day. Another 20.00 can be
deposited on that day, and 20.01 cannot. From midnight UTC on it is 100.00 again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from evens.core.commands.wallets import SetDepositLimits
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import DepositLimitsSet
from evens.core.values.deposit_limits import NO_DEPOSIT_LIMITS, GrossDeposits, Period, bounds
from evens.core.values.ids import AccountClass, account_id
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import Wallets


@dataclass(frozen=True, slots=True)
class DepositsOf:
    """What is recalled: the gross deposits to a cash account, as :class:`GrossDeposits`."""

    account: int


def set_deposit_limits(
    wallets: Wallets, command: SetDepositLimits, seq: int, at: int, recalled: GrossDeposits | None = None
) -> Iterator[DepositLimitsSet | Rejected]:
    """Change a customer's limits: lower ones at once, higher ones later. A frozen customer can do so too."""
    currency = wallets.find_currency(command.currency, command.customer)
    if isinstance(currency, Rejected):
        yield currency
        return
    cash = account_id(command.customer, currency.number, AccountClass.CASH)
    before = wallets.deposit_limits.get(cash, NO_DEPOSIT_LIMITS)
    asked = (command.day_minor, command.week_minor, command.month_minor)
    limits = tuple([limit.changed(minor, at) for limit, minor in zip(before, asked, strict=True)])
    if cash in wallets.deposits:
        yield DepositLimitsSet(command.customer, currency.number, limits)
    elif recalled is not None:
        yield DepositLimitsSet(command.customer, currency.number, limits, recalled)
    else:
        raise ValueError("a first limit can only be set with the deposits so far")


def recall_deposits(wallets: Wallets, command: SetDepositLimits) -> DepositsOf | None:
    """Ask for the deposits of a customer whose deposits nobody has counted."""
    currency = wallets.find_currency(command.currency, command.customer)
    if isinstance(currency, Rejected):
        return None
    cash = account_id(command.customer, currency.number, AccountClass.CASH)
    return None if cash in wallets.deposits else DepositsOf(cash)


def apply_deposit_limits_set(wallets: Wallets, event: DepositLimitsSet) -> None:
    """Remember the limits, unless there are none any more."""
    cash = account_id(event.customer, event.currency_number, AccountClass.CASH)
    deposited = wallets.deposits[cash] if event.deposited is None else event.deposited
    wallets.set_deposit_limits(cash, event.limits, deposited)


def check_deposit_limits(
    wallets: Wallets, currency: str, cash: int, amount_minor: int, effective_at: int | None, at: int
) -> Rejected | None:
    """Refuse a deposit with which more would be deposited in a period than its limit allows.

    Of several limits the one that leaves least room is named; of those that leave as much, the one that lasts longest.
    A deposit with a value date before the current period does not count in it.
    """
    limits = wallets.deposit_limits.get(cash)
    if limits is None:
        return None
    moment = at if effective_at is None else effective_at
    exceeded: list[tuple[int, int, Period, int, int]] = []
    for period, limit in zip(Period, limits, strict=True):
        begins_at, ends_at = bounds(period, at)
        limit_minor = limit.at(at)
        if limit_minor is not None and moment >= begins_at:
            deposited_minor = wallets.deposits[cash].sum_minor(period, at)
            if deposited_minor + amount_minor > limit_minor:
                room_minor = max(limit_minor - deposited_minor, 0)
                exceeded.append((room_minor, -ends_at, period, limit_minor, deposited_minor))
    if not exceeded:
        return None
    _, _, period, limit_minor, deposited_minor = min(exceeded)
    facts = (
        ("currency", currency),
        ("period", period.name.lower()),
        ("limit_minor", limit_minor),
        ("deposited_minor", deposited_minor),
        ("resets_at", bounds(period, at)[1]),
    )
    return Rejected(WalletReason.DEPOSIT_LIMIT, facts)
