"""Real rounds with their proofs, and every single thing that can be changed of one, for both programs that check them.

What a change must come to stands in ``tests/vectors/round_proofs.json``, which the browser's tests read, too.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, cast

from evens.core.values.moments import parse_time
from evens.core.values.money import Currency
from evens.core.values.pool_running import PoolRunning, PriceSource
from evens.core.values.pools import PoolSide
from evens.edges.cli.pools.committed_round import Published
from evens.edges.cli.pools.verifying import check_proof
from evens.edges.http.pools.proofs import Proofs
from evens.feeds.rounds.calendar import calendar_of
from evens.store.database import Database
from tests.conftest import Dsns
from tests.feeds.rounds.running_pool import running_pool

RUNNING = PoolRunning(
    quorum=2, grace_s=600, sources=tuple(PriceSource(name, "manual") for name in ("desk", "paper", "wire"))
)
CALENDAR = calendar_of(RUNNING)
THURSDAY, FRIDAY, MONDAY, TUESDAY, WEDNESDAY = (CALENDAR.session(f"202703{day}") for day in (11, 12, 15, 16, 17))
MORNING = parse_time("2027-03-11T15:00:00Z")
PRICES = {
    THURSDAY: ("100.10", "100.10", ""),
    FRIDAY: ("103.50", "103.51", ""),
    MONDAY: ("102", "102", "102"),
    TUESDAY: ("101.7", "101.7", "101.65"),
    WEDNESDAY: ("90", "99", "109.5"),
}
BEFORE = {"20270311": None, "20270312": "20270311", "20270316": "20270312", "20270317": "20270316"}
"""Each round, and the one before it: on Monday the server was away."""

Proof = dict[str, Any]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*Z")


async def proofs_of_four_rounds(dsns: Dsns, database: Database) -> dict[str, Proof]:
    """Return the proofs of a round without reference, one compared with it, one after a gap, and one that is void."""
    async with running_pool(dsns, database, RUNNING, MORNING, people=3) as pool:
        scheduler = pool.scheduler()
        for session, prices in PRICES.items():
            for name, price in zip(("desk", "paper", "wire"), prices, strict=True):
                if price:
                    pool.words.say(name, "IXIC", session, Decimal(price))
        await pool.tick(MORNING, scheduler)
        for session in (THURSDAY, FRIDAY, TUESDAY, WEDNESDAY):
            await pool.bets((0, PoolSide.UP, 700), (1, PoolSide.DOWN, 333), (2, PoolSide.UP, 52))
            if session is FRIDAY:
                # Nobody is there from now until Monday's round would have been locked: it is never opened.
                await pool.tick(MONDAY.locks_at, scheduler)
                continue
            await pool.tick(session.locks_at, scheduler)
            await pool.tick(session.settles_at, scheduler)
            await pool.tick(session.settles_at + RUNNING.grace_s * 10**9, scheduler)
        found: dict[str, Proof] = {}
        for code in BEFORE:
            found[code] = json.loads(await Proofs(pool.reads).of(await pool.round(code), Currency(1, "USDC", 6)))
        return found


def changed(proof: Proof, change: dict[str, Any]) -> Proof:
    """Return a proof in which things are another value, or gone: ``at`` is where, ``to`` is what."""
    other = copy.deepcopy(proof)
    for each in change["changes"]:
        place: Any = other
        for step in each["at"][:-1]:
            place = place[step]
        if "to" in each:
            place[each["at"][-1]] = each["to"]
        else:
            del place[each["at"][-1]]
    return other


def holds(proof: Proof, code: str, before: Proof | None, closed: Sequence[str] = ()) -> bool:
    """Return whether everything that is checked of a proof holds, of a pool that lists these days as closed."""
    published = Published(frozenset(closed))
    return all(each.holds for each in check_proof(proof, "daily", code, before, published))


def each_change(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield every change of one thing below a value: another value, none, or gone."""
    if type(value) in (dict, list):
        inside = cast("Iterable[tuple[str | int, Any]]", value.items() if type(value) is dict else enumerate(value))
        for name, each in inside:
            yield {"at": [*at, name]}
            yield from each_change(each, (*at, name))
        return
    others: list[Any] = [None]
    if isinstance(value, str):
        others += [value + "x", "99999", ""]
        if _MOMENT.fullmatch(value):
            others += ["2030-01-01T00:00:00Z", "2001-01-01T00:00:00Z"]
    elif isinstance(value, int):
        others += [value + 1, 0, str(value)]
    else:
        others += ["x", 7]
    yield from ({"at": list(at), "to": other} for other in others if other != value)
