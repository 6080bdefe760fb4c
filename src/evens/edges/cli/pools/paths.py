"""Where the pools' things are in the API, and which pool is meant."""

import re
from typing import Annotated, Final

import typer

from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Misused

POOLS_PATH: Final = "/v1/pools"
BETS_PATH: Final = "/v1/pools/bets"
NOTHING: Final = "–"

_PART: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}", re.ASCII)

PoolOption = Annotated[
    str | None,
    typer.Option("--pool", metavar="POOL", help="By its key. Left out: the only pool there is.", show_default=False),
]
CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="The round's code, such as 20261127.")]


def pool_path(pool: str, *rest: str) -> str:
    """Return the path of a pool, or of something below it. Raises :class:`Misused` for what is no key and no code.

    A server would take a slash in it, however it is written, for the next part of the path.
    """
    if not _PART.fullmatch(pool):
        raise Misused(
            f"{pool!r} is no key of a pool.", "It is such as ndx-daily; evens pool list shows which there are."
        )
    for part in rest:
        if not _PART.fullmatch(part):
            raise Misused(
                f"{part!r} is no code of a round.", "It is such as 20261127; evens round list shows the last."
            )
    return "/".join((POOLS_PATH, pool, *rest))


def find_pool(api: Api, key: str | None) -> Document:
    """Return the pool with a key, or the only one there is. Raises :class:`Misused` if that cannot be told."""
    pools = api.get(POOLS_PATH)["items"]
    if key is None and len(pools) == 1:
        return pools[0]
    found = [pool for pool in pools if pool["key"] == key]
    if found:
        return found[0]
    if not pools:
        raise Misused("There is no pool yet; evens pool create makes one.")
    names = ", ".join([pool["key"] for pool in pools])
    if key is None:
        raise Misused(f"Say which pool with --pool: {names}.")
    raise Misused(f"There is no pool {key!r}.", f"Those that there are: {names}.")
