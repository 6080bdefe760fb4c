"""Simulated payments: customers pay each other small amounts, and sometimes deposit or withdraw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from evens.sim.amounts import format_cents, format_micros
from evens.sim.newcomers import SEED

MOVES_PER_SECOND: Final = 4.0
PAUSE_S_MAX: Final = 1.0

Kind = Literal["transfer", "deposit", "withdrawal"]

_KINDS: Final[tuple[Kind, ...]] = ("transfer", "deposit", "withdrawal")
_KIND_WEIGHTS: Final = (90, 6, 4)
_CURRENCIES: Final = ("USD", "EUR", "USDC")
_CURRENCY_WEIGHTS: Final = (5, 3, 2)
_CENTS_MEDIAN_LOG: Final = 7.3
_CENTS_SPREAD: Final = 0.8
_CENTS_MIN: Final = 50
_CENTS_MAX: Final = 400_00
# Deposits and withdrawals are larger than transfers.
_OUTSIDE_FACTOR: Final = 5
_MICROS_PER_CENT: Final = 10_000
_MEMOS: Final = (
    "lunch",
    "coffee",
    "taxi",
    "groceries",
    "rent share",
    "concert ticket",
    "birthday gift",
    "book",
    "lost a bet",
    "thanks",
)


@dataclass(frozen=True, slots=True)
class ActorMove:
    """One action: a transfer to ``payee``, a deposit or a withdrawal, ``pause_s`` after the action before."""

    kind: Kind
    username: str
    payee: str | None
    amount: str
    currency: str
    memo: str | None
    pause_s: float


def moves(usernames: Sequence[str], seed: str = SEED) -> Iterator[ActorMove]:
    """Yield actions without end, the same for the same customers and seed. There must be at least two customers."""
    chance = Random(f"{seed} moves")
    while True:
        yield _move(usernames, chance)


def _move(usernames: Sequence[str], chance: Random) -> ActorMove:
    kind = chance.choices(_KINDS, _KIND_WEIGHTS)[0]
    username, other = chance.sample(usernames, 2)
    currency = chance.choices(_CURRENCIES, _CURRENCY_WEIGHTS)[0]
    pays = kind == "transfer"
    return ActorMove(
        kind,
        username,
        other if pays else None,
        _amount(currency, 1 if pays else _OUTSIDE_FACTOR, chance),
        currency,
        chance.choice(_MEMOS) if pays else None,
        min(chance.expovariate(MOVES_PER_SECOND), PAUSE_S_MAX),
    )


def _amount(currency: str, factor: int, chance: Random) -> str:
    cents = round(chance.lognormvariate(_CENTS_MEDIAN_LOG, _CENTS_SPREAD))
    cents = min(max(cents, _CENTS_MIN), _CENTS_MAX) * factor
    if currency == "USDC":
        return format_micros(cents * _MICROS_PER_CENT + chance.randrange(_MICROS_PER_CENT))
    return format_cents(cents)
