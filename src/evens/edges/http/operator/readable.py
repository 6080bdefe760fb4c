"""Commands and events as JSON that people can read and JavaScript can hold: their fields under their own names.

Enumerations become words, accounts their names, and whole numbers that a JavaScript number cannot hold become text.
"""

import dataclasses
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, cast

from evens.edges.http.operator.account_names import name_account
from evens.edges.http.protocol.currencies import Currencies

_SAFE_INTEGER_MAX: Final = 2**53 - 1
_ACCOUNTS: Final = frozenset({"debit", "credit"})


def readable(told: Any, currencies: Currencies) -> dict[str, Any]:
    """Return a command or an event, with its type as ``type``."""
    return {"type": type(told).__name__, **_fields(told, currencies)}


def _fields(value: Any, currencies: Currencies) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        each = getattr(value, field.name)
        named = field.name in _ACCOUNTS and isinstance(each, int)
        shown[field.name] = name_account(each, currencies) if named else _show(each, currencies)
    return shown


def _show(value: Any, currencies: Currencies) -> Any:
    match value:
        case Enum():
            return value.name.lower() if not isinstance(value, str) else str(value)
        case bool() | None | str():
            return value
        case int():
            return value if abs(value) <= _SAFE_INTEGER_MAX else str(value)
        case bytes():
            return value.hex()
        case tuple() | list() | frozenset():
            return [_show(each, currencies) for each in cast("Iterable[Any]", value)]
        case _ if dataclasses.is_dataclass(value):
            return _fields(value, currencies)
        case _:
            return str(value)
