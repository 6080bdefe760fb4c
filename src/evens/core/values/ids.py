"""Ids: how things are named by numbers that replay the same every time.

Each kind has a type of its own, so that the type checker finds an order's id where a market's is expected. Customers,
markets, orders, challenges, fixtures, pools, rounds, bets and follows are named by the ``seq`` of the command that made
them, runners by their place in their market from 1, transfers and matches by the moment they were recorded. A requested
withdrawal is named by the transfer that set the money aside.

A *holder* is whoever owns accounts: a customer, a market, a fixture or a round (their ids are the ``seq`` of the
commands that made them, so no two are the same), the house (0) or a rail (below 0). An *account id* packs holder,
currency and class into one signed 64-bit integer, so an account needs no look-up table and no opening ceremony::

    holder (49 bits) | currency number (10 bits) | class (4 bits)

A *transfer id* is the moment it was recorded, in nanoseconds since 1970, plus its position in the command. Commands are
stamped at least :data:`TRANSFERS_PER_COMMAND_MAX` nanoseconds apart, so ids are unique, ordered by time, and a balance
at a past moment is one look-up by id.
"""

from enum import IntEnum
from typing import Final, NewType

CustomerId = NewType("CustomerId", int)
MarketId = NewType("MarketId", int)
RunnerId = NewType("RunnerId", int)
OrderId = NewType("OrderId", int)
ChallengeId = NewType("ChallengeId", int)
FixtureId = NewType("FixtureId", int)
BetId = NewType("BetId", int)
PoolId = NewType("PoolId", int)
RoundId = NewType("RoundId", int)
PoolBetId = NewType("PoolBetId", int)
TransferId = NewType("TransferId", int)
MatchId = NewType("MatchId", int)
FollowId = NewType("FollowId", int)

HOUSE: Final = 0
"""The holder of the operator's own accounts."""

HOUSE_ORDER: Final = OrderId(0)
"""Stands where a match has no order on one side, because the house is that side: in sets of cross-matched orders."""

TRANSFERS_PER_COMMAND_MAX: Final = 1024
"""Nanoseconds kept free after each command's time, one for each transfer it may make."""

CURRENCY_NUMBER_MAX: Final = 1023

_CLASS_BITS: Final = 4
_CURRENCY_BITS: Final = 10
_HOLDER_SHIFT: Final = _CLASS_BITS + _CURRENCY_BITS
_CLASS_MASK: Final = (1 << _CLASS_BITS) - 1
_CURRENCY_MASK: Final = (1 << _CURRENCY_BITS) - 1


class AccountClass(IntEnum):
    """What the money in an account is for. Classes below :attr:`BANK` belong to customers.

    From :attr:`RECEIVABLE` on a balance may be negative; every other account is refused below zero by the core and by a
    database CHECK. The numbers are part of stored account ids and never change.
    """

    CASH = 0
    ESCROW = 1
    WITHDRAWING = 2
    BANK = 8
    FEES = 9
    ROUNDING = 10
    SETTLEMENT = 11
    RECEIVABLE = 14
    EXTERNAL = 15


class Rail(IntEnum):
    """Where outside money comes in or goes out: the holder of an ``external`` account, below all customers."""

    DESK = -1
    IMPORT = -2
    CHAIN = -3


_CLASSES: Final = {each.value: each for each in AccountClass}


def account_id(holder: int, currency_number: int, account_class: AccountClass) -> int:
    """Return the id of the account that ``holder`` has in this currency for this purpose."""
    return holder << _HOLDER_SHIFT | currency_number << _CLASS_BITS | account_class


def account_holder(account: int) -> int:
    """Return the customer, house or rail that the account belongs to."""
    return account >> _HOLDER_SHIFT


def account_currency(account: int) -> int:
    """Return the number of the account's currency."""
    return account >> _CLASS_BITS & _CURRENCY_MASK


def account_class(account: int) -> AccountClass:
    """Return what the account is for."""
    return _CLASSES[account & _CLASS_MASK]


def may_be_negative(account: int) -> bool:
    """Return whether the account stands for someone else's money, and so may be below zero."""
    return account & _CLASS_MASK >= AccountClass.RECEIVABLE


def account_range(holder: int) -> tuple[int, int]:
    """Return the half-open range of ids in which all accounts of a holder lie."""
    return holder << _HOLDER_SHIFT, (holder + 1) << _HOLDER_SHIFT
