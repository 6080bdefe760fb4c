"""Where the pools' things are in the API, and which pool is meant."""

from typing import Annotated, Final
from urllib.parse import quote

import typer

from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Misused

POOLS_PATH: Final = "/v1/pools"
BETS_PATH: Final = "/v1/pools/bets"
NOTHING: Final = "–"

PoolOption = Annotated[
    str | None,
    typer.Option("--pool", metavar="POOL", help="By its key. Left out: the only pool there is.", show_default=False),
]
CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="The round's code, such as 20261127.")]


def pool_path(pool: str, *rest: str) -> str:
    """Return the path of a pool, or of something below it."""
    return "/".join((POOLS_PATH, quote(pool, safe=""), *[quote(each, safe="") for each in rest]))


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
    raise Misused(f"Say which pool with --pool: {names}.")
