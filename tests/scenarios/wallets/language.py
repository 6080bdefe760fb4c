"""The sentences about customers and their money.

::

    desk defines GBP with 2 digits                 -> defined
    program begins batch b1                        -> begun
    desk registers cid                             -> registered
    desk freezes ann                               -> frozen
    desk unfreezes ann                             -> unfrozen
    desk tags ann with team | card:4711            -> tagged
    ann excludes herself until 2026-01-08T12:00:00Z -> excluded
    desk deposits 100.00 USD to ann                -> deposited, ann has 100.00 USD
    desk withdraws 5.00 USD from ann               -> withdrawn
    ann requests 20.00 USD as w1                   -> pending
    desk completes w1                              -> completed
    desk rejects w1                                -> withdrawal_not_pending
    desk reverses w1                               -> reversed
    ann pays 80.00 USD to bob                      -> insufficient_funds, needed 80.00, available 75.00
    ann limits deposits of USD to 100.00 a day and 300.00 a week -> limited
    ann removes her limits on deposits of USD      -> limited
    batch, all or none                             -> paid
        ann pays 1.00 USD to bob
        bob pays 1.00 USD to cid
    batch, each on its own                         -> decided
        ann pays 1.00 USD to bob                   -> paid
        ann pays 1.00 USD to ann                   -> same_customer

A deed may carry ``reference "..."``, ``memo "..."`` or ``destination "..."``, and a payment ``called d1``, so that
``desk reverses d1`` can name it. ``import deposits`` and ``import
withdraws`` use the other rail. Whoever was never registered does not exist, nor does a withdrawal that was never
requested.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from tests.scenarios.wallets.deeds import (
    Begin,
    Complete,
    Define,
    Exclude,
    Freeze,
    LimitDeposits,
    Money,
    Pay,
    PayIn,
    PayOut,
    Register,
    Reject,
    Request,
    Reverse,
    Tag,
    Unfreeze,
    WalletDeed,
)

MONEY: Final = r"(?P<amount>\d+(?:\.\d+)?) (?P<code>[A-Z][A-Z0-9_]*)"
"""How an amount in a currency reads."""

STANDINGS: Final[frozenset[str]] = frozenset()
"""The things of which a line can say how they stand."""

_NAME = r"[A-Za-z0-9_.-]+"
_Words = Mapping[str, str]


def money_of(words: _Words) -> Money:
    """Return what was read with :data:`MONEY`."""
    return Money(words["amount"], words["code"])


def _limits(text: str) -> dict[str, str]:
    """Return limits by period. Raises ``ValueError`` for what is not a list of them."""
    found: dict[str, str] = {}
    for part in text.split(" and "):
        match = re.fullmatch(r"(\d+(?:\.\d+)?) a (day|week|month)", part)
        if match is None:
            raise ValueError(f"{part!r} is no limit, such as '100.00 a day'")
        found[match[2]] = match[1]
    return found


_DEEDS: tuple[tuple[str, Callable[[_Words], WalletDeed]], ...] = (
    (rf"desk defines (?P<code>{_NAME}) with (?P<scale>\d+) digits", lambda w: Define(w["code"], int(w["scale"]))),
    (rf"program begins batch (?P<request>{_NAME})", lambda w: Begin(w["request"])),
    (rf"desk registers (?P<who>{_NAME})", lambda w: Register(w["who"])),
    (rf"desk freezes (?P<who>{_NAME})", lambda w: Freeze(w["who"])),
    (rf"desk unfreezes (?P<who>{_NAME})", lambda w: Unfreeze(w["who"])),
    (
        rf"desk tags (?P<who>{_NAME}) with (?P<tags>[a-z0-9:]+(?: \| [a-z0-9:]+)*)",
        lambda w: Tag(w["who"], tuple(w["tags"].split(" | "))),
    ),
    (rf"(?P<who>{_NAME}) excludes \w+ until (?P<until>[0-9TZ:-]+)", lambda w: Exclude(w["who"], w["until"])),
    (rf"(?P<rail>desk|import) deposits {MONEY} to (?P<who>{_NAME})", lambda w: PayIn(w["who"], money_of(w), w["rail"])),
    (
        rf"(?P<rail>desk|import) withdraws {MONEY} from (?P<who>{_NAME})",
        lambda w: PayOut(w["who"], money_of(w), w["rail"]),
    ),
    (rf"(?P<who>{_NAME}) requests {MONEY} as (?P<name>{_NAME})", lambda w: Request(w["who"], money_of(w), w["name"])),
    (rf"desk completes (?P<name>{_NAME})", lambda w: Complete(w["name"])),
    (rf"desk rejects (?P<name>{_NAME})", lambda w: Reject(w["name"])),
    (rf"desk reverses (?P<name>{_NAME})", lambda w: Reverse(w["name"])),
    (
        rf"(?P<who>{_NAME}) limits deposits of (?P<code>{_NAME}) to (?P<limits>.+)",
        lambda w: LimitDeposits(w["who"], w["code"], **_limits(w["limits"])),
    ),
    (
        rf"(?P<who>{_NAME}) removes \w+ limits on deposits of (?P<code>{_NAME})",
        lambda w: LimitDeposits(w["who"], w["code"]),
    ),
    (rf"(?P<who>{_NAME}) pays {MONEY} to (?P<to>{_NAME})", lambda w: Pay(w["who"], w["to"], money_of(w))),
)


def find_deed(clause: str) -> WalletDeed | None:
    """Return the deed that a clause describes, if it is one with money or customers."""
    for pattern, make in _DEEDS:
        if match := re.fullmatch(pattern, clause, re.ASCII):
            return make(match.groupdict())
    return None


def find_condition(text: str) -> tuple[str, str] | None:
    """Return the field of a deed that a condition sets, and to what."""
    match = re.fullmatch(r'(reference|memo|destination) "([^"]*)"', text) or re.fullmatch(rf"(called) ({_NAME})", text)
    return (match[1], match[2]) if match else None
