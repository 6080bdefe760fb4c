"""The file of pools that ``EVENS_POOLS`` names: read and checked before anything else of a server begins.

What it says of a pool is checked as a ``POST /v1/pools`` of the same is, by the same code. So what one refuses, the
other does, too, and nothing that cannot be run gets half-way into a house.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from evens.core.values.money import Currency
from evens.core.values.pools import PoolTerms
from evens.edges.http.pools.operating import body_of, check_key, terms_of
from evens.edges.http.pools.schedule import RoundSchedule
from evens.edges.http.protocol.problem import Refused
from evens.settings import Settings, SettingsInvalid, parse_currencies
from evens.store.database import Database
from evens.store.pools.queries import PoolQueries
from evens.store.wallets.queries import Queries

_BYTES_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class PoolInFile:
    """A pool as the file has it."""

    key: str
    currency: str
    terms: PoolTerms


async def check_pool_file(settings: Settings, dsn: str, schedule: RoundSchedule) -> Sequence[PoolInFile]:
    """Return the pools of the file, none without one. Raises :class:`SettingsInvalid` naming file, pool and field."""
    if settings.pools is None:
        return ()
    database = await Database.open(dsn)
    try:
        known = {currency.code: currency for currency in await Queries(database).currencies()}
        numbers = {row.key: row.currency_number for row in await PoolQueries(database).pools()}
    finally:
        await database.close()
    for code, scale in parse_currencies(settings.currencies).items():
        known.setdefault(code, Currency(0, code, scale))
    found = [
        await _pool(settings.pools, said, place, known, settings.currency, schedule)
        for place, said in enumerate(_read(settings.pools))
    ]
    for place, pool in enumerate(found):
        if pool.key in [each.key for each in found[:place]]:
            raise _wrong(settings.pools, f"pool {pool.key}: key is there twice")
        if numbers.get(pool.key, known[pool.currency].number) != known[pool.currency].number:
            raise _wrong(settings.pools, f"pool {pool.key}: currency cannot be changed; use another key")
    return found


def _read(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        text = path.read_bytes()
        if len(text) > _BYTES_MAX:
            raise _wrong(path, f"it is larger than {_BYTES_MAX:,} bytes")
        said = tomllib.loads(text.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise _wrong(path, f"it cannot be read: {error}") from error
    pools: Any = said.get("pool")
    if not isinstance(pools, list) or set(said) != {"pool"} or not all(isinstance(each, dict) for each in pools):  # pyright: ignore[reportUnknownVariableType]
        raise _wrong(path, "it must have pools, each under [[pool]], and nothing else")
    return cast("list[dict[str, Any]]", pools)


async def _pool(
    path: Path,
    said: Mapping[str, Any],
    place: int,
    currencies: Mapping[str, Currency],
    usual: str,
    schedule: RoundSchedule,
) -> PoolInFile:
    """Return one pool, checked as a request for it would be."""
    key = said.get("key")
    name = f"pool {key}" if isinstance(key, str) and len(key) <= 40 and key.isprintable() else f"pool {place + 1}"
    try:
        body = body_of(said)
        check_key(body.key)
        currency = currencies.get(body.currency or usual)
        if currency is None:
            raise _wrong(path, f"{name}: currency is none of this house; there are {', '.join(currencies)}")
        return PoolInFile(body.key, currency.code, await terms_of(body, currency, schedule))
    except Refused as error:
        first_field = error.problem.errors[0]
        raise _wrong(path, f"{name}: {first_field.field} {first_field.message}") from error


def _wrong(path: Path, why: str) -> SettingsInvalid:
    return SettingsInvalid(f"A setting is wrong: EVENS_POOLS names {path}: {why}.")
