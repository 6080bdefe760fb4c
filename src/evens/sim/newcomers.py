"""Simulated customers: memorable names, and a first deposit in each of three currencies."""

from dataclasses import dataclass
from random import Random
from typing import Final

from evens.sim.amounts import format_cents, format_micros

SEED: Final = "evens"

_NAMES: Final = (
    "ada bo cleo dina emil fay gus hana ivo juno kai lena milo nora otto pia quin rosa sven tara "
    "ugo vera wim xenia yuri zoe anton bea cem dora elif finn greta hugo iris jan kira luca mara noor"
).split()


@dataclass(frozen=True, slots=True)
class SimulatedCustomer:
    """A username and the deposits to make, each an amount and a currency; at most one for each currency."""

    username: str
    deposits: tuple[tuple[str, str], ...]


def newcomers(count: int, seed: str = SEED) -> list[SimulatedCustomer]:
    """Return the first ``count`` customers of a seed; a larger count begins with the same ones."""
    return [_newcomer(position, Random(f"{seed} {position}")) for position in range(count)]


def _newcomer(position: int, chance: Random) -> SimulatedCustomer:
    turn, place = divmod(position, len(_NAMES))
    username = _NAMES[place] if turn == 0 else f"{_NAMES[place]}{turn + 1}"
    deposits = (
        (format_cents(chance.randrange(500_00, 5_000_00, 25)), "USD"),
        (format_cents(chance.randrange(300_00, 4_000_00, 25)), "EUR"),
        (format_micros(chance.randrange(100_000_000, 3_000_000_000)), "USDC"),
    )
    return SimulatedCustomer(username, deposits)
