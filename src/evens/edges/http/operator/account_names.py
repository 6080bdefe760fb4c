"""Accounts by name, as operators see them: ``usr_42.USD.cash``, ``house.USD.fees``, ``desk.USD.external``."""

import re
from typing import Final

from evens.core.values.ids import (
    CURRENCY_NUMBER_MAX,
    HOUSE,
    AccountClass,
    Rail,
    account_class,
    account_currency,
    account_holder,
    account_id,
)
from evens.edges.http.protocol.currencies import Currencies

_NAMED: Final = {"house": HOUSE, **{rail.name.lower(): int(rail) for rail in Rail}}
_NAMES: Final = {holder: name for name, holder in _NAMED.items()}
_ACCOUNT: Final = re.compile(r"(usr_|obj_)?([a-z]+|[1-9][0-9]{0,14})\.([A-Z][A-Z0-9]{1,11})\.([a-z]+)", re.ASCII)
_HOLDER_BITS: Final = 49


def name_holder(holder: int, kept: AccountClass) -> str:
    """Return what an account's holder is called: a user's id, the house, a rail, or the thing that is settled."""
    if holder in _NAMES:
        return _NAMES[holder]
    return f"obj_{holder}" if kept is AccountClass.SETTLEMENT else f"usr_{holder}"


def name_account(account: int, currencies: Currencies) -> str:
    """Return an account's name."""
    kept, number = account_class(account), account_currency(account)
    known = number <= CURRENCY_NUMBER_MAX and {each.number: each.code for each in currencies.all()}.get(number)
    return f"{name_holder(account_holder(account), kept)}.{known or number}.{kept.name.lower()}"


def parse_account(name: str, currencies: Currencies) -> int | None:
    """Return the account of this name; ``None`` if there can be none."""
    match = _ACCOUNT.fullmatch(name)
    currency = None if match is None else currencies.find(match[3])
    if match is None or currency is None or match[4].upper() not in AccountClass.__members__:
        return None
    holder = _NAMED.get(match[2], 0 if match[1] is None else int(match[2]) if match[2].isdigit() else 0)
    kept = AccountClass[match[4].upper()]
    if (match[1] is None) != (match[2] in _NAMED) or holder >= 1 << _HOLDER_BITS:
        return None
    return account_id(holder, currency.number, kept)
