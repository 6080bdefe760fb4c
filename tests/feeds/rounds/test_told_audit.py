"""The audit of closes that operators told: sound ones pass, and whatever is tampered with is named."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncpg
import pytest

from evens.core.values.moments import parse_time
from evens.core.values.pools import RoundResult
from evens.program.rounds import RecordedWords
from evens.store.auditing.audit import audit
from evens.store.database import Database
from evens.store.pools.told_audit import words_in
from evens.store.pools.told_prices import PriceTold
from tests.conftest import Dsns
from tests.feeds.rounds.running_pool import RunningPool, running_pool
from tests.feeds.rounds.test_scheduler import FRIDAY, MANUAL, THURSDAY

if TYPE_CHECKING:
    from evens.store.database import Wire

pytestmark = pytest.mark.anyio

TABLE = "evens.told_prices"
COUNTED = f"UPDATE {TABLE} SET {{}} WHERE price = '13319.86'"
TAMPERINGS = {
    "the price that counted": COUNTED.format("price = '13319.87'"),
    "the reason that counted": COUNTED.format("reason = 'rumours'"),
    "the pool that counted": COUNTED.format("pool = pool + 1"),
    "the source that counted": COUNTED.format("source = 'paper'"),
    "the symbol that counted": COUNTED.format("symbol = 'NDX'"),
    "the session that counted": COUNTED.format("code = '20210315'"),
    "a word that is gone": f"DELETE FROM {TABLE} WHERE code = '20210311'",
    "all words": f"DELETE FROM {TABLE}",
    "no price": f"UPDATE {TABLE} SET price = '-1' WHERE price = '1'",
    "a price of zero": f"UPDATE {TABLE} SET price = '0.00' WHERE price = '1'",
    "no reason": f"UPDATE {TABLE} SET reason = '' WHERE price = '1'",
    "nobody": f"UPDATE {TABLE} SET scope = '' WHERE price = '1'",
    "a word that nobody asked for": f"UPDATE {TABLE} SET source = 'paper' WHERE price = '1'",
    "a word for no round": f"UPDATE {TABLE} SET code = '20200101' WHERE price = '1'",
}
"""Ways to tamper with words of which one was replaced (1 by 13398.67), and the last one decided Friday."""


async def tell(pool: RunningPool, code: str, price: str) -> None:
    """Tell a close."""
    about = pool.pool, "desk", "IXIC", code
    await pool.reads.told.tell(about, PriceTold(price, f"{price} on the page"), "operator:desk", "desk")


@pytest.fixture
async def owner(dsns: Dsns) -> "AsyncIterator[Wire]":
    wire = await asyncpg.connect(dsns.owner)
    yield wire
    await wire.close()


async def decide_two_days(dsns: Dsns, database: Database) -> str:
    """Let operators tell the closes of two days, and return the evidence of the second."""
    morning = parse_time("2021-03-11T15:00:00Z")
    async with running_pool(dsns, database, MANUAL, morning) as pool:
        pool.recorded = RecordedWords(pool.reads, pool.pool)
        await pool.tick(morning)
        await pool.tick(THURSDAY.locks_at)
        for price in ("1", "13398.67"):
            await tell(pool, "20210311", price)
        await pool.tick(THURSDAY.settles_at)
        await pool.tick(FRIDAY.locks_at)
        await tell(pool, "20210312", "13319.86")
        await pool.tick(FRIDAY.settles_at)
        friday = await pool.round("20210312")
        assert friday.result is RoundResult.DOWN
        return friday.evidence or ""


async def test_whatever_is_tampered_with_is_named(dsns: Dsns, database: Database, owner: "Wire") -> None:
    """Issue 9: evens audit covers every new table."""
    evidence = await decide_two_days(dsns, database)
    assert [each[1:] for each in words_in(1, "IXIC", "20210312", evidence)] == [
        ("desk", "IXIC", "20210312", "13319.86", "13319.86 on the page")
    ]
    assert (await audit(dsns.app)).problems == []
    await owner.execute(f"CREATE TABLE kept AS TABLE {TABLE}")
    silent: list[str] = []
    for what, tampering in TAMPERINGS.items():
        assert not (await owner.execute(tampering)).endswith(" 0"), what
        problems = (await audit(dsns.app)).problems
        if not problems or not all(each.startswith("told_prices: ") for each in problems):
            silent.append(what)
        await owner.execute(f"DELETE FROM {TABLE}; INSERT INTO {TABLE} OVERRIDING SYSTEM VALUE TABLE kept")
    assert silent == []
    assert (await audit(dsns.app)).problems == []


def test_words_about_the_close_before_are_words_as_well() -> None:
    evidence = (
        '{"before":{"date":"2021-03-11","round":"20210311","sources":[{"date":"2021-03-11","name":"desk","price":"2",'
        '"reason":"seen"},{"name":"web","price":"2"}]},"sources":[{"name":"desk","not_yet":"waits","reason":"none"}]}'
    )
    assert list(words_in(7, "IXIC", "20210312", evidence)) == [(7, "desk", "IXIC", "20210311", "2", "seen")]
