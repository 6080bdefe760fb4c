"""Putting the simulator's customers into a house: each once, however often it is done."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from evens.edges.cli.api import Api
from evens.edges.cli.failures import Refused
from evens.edges.cli.operations import Newcomer

CONNECTIONS: Final = 8
_TAKEN: Final = "username_taken"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What became of a newcomer: ``made`` now or there before; no ``user_id`` if the name is somebody else's.

    ``deposited`` are the deposits made now, each an amount and a currency.
    """

    username: str
    user_id: str | None
    made: bool
    deposited: tuple[tuple[str, str], ...] = ()


def seed(api: Api, newcomers: Sequence[Newcomer], advance: Callable[[int], None] | None = None) -> list[Seeded]:
    """Make the newcomers and their deposits; ``advance`` hears how many are done.

    Every request has a key that follows from what it asks for, so nothing is made twice.
    """
    seeded: list[Seeded] = []
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for result in threads.map(_seed_one, repeat(api), newcomers):
            seeded.append(result)
            if advance is not None:
                advance(len(seeded))
    return seeded


def _seed_one(api: Api, newcomer: Newcomer) -> Seeded:
    name = newcomer.username
    try:
        made = api.post("/v1/users", {"username": name}, key=f"seed-{name}")
    except Refused as refusal:
        if refusal.code == _TAKEN:
            return Seeded(name, None, made=False)
        raise
    deposited: list[tuple[str, str]] = []
    for amount, currency in newcomer.deposits:
        body = {"user_id": made.document["id"], "amount": amount, "currency": currency, "reference": "first deposit"}
        if not api.post("/v1/deposits", body, key=f"seed-{name}-{currency}").replayed:
            deposited.append((amount, currency))
    return Seeded(name, made.document["id"], not made.replayed, tuple(deposited))
