"""Creates the simulator's customers on a server: each once, however often it is run."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from evens.edges.cli.api import Api
from evens.edges.cli.failures import Refused
from evens.edges.cli.simulator import Newcomer

CONNECTIONS: Final = 8
_TAKEN: Final = "username_taken"


@dataclass(frozen=True, slots=True)
class Seeded:
    """The result for a newcomer: ``made`` now, or earlier; ``user_id`` is ``None`` if somebody else has the name.

    ``deposited`` are the deposits made now, each an amount and a currency.
    """

    username: str
    user_id: str | None
    made: bool
    deposited: tuple[tuple[str, str], ...] = ()


def seed(api: Api, newcomers: Sequence[Newcomer], advance: Callable[[int], None] | None = None) -> list[Seeded]:
    """Make the newcomers and their deposits; ``advance`` is called with how many are done.

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
