"""Whatever happens to a bet, each movement of money for it leads to what it was placed on."""

import dataclasses
import random
from collections.abc import Iterator
from typing import Any, cast

import asyncpg
import pytest

from evens.core.values.ids import AccountClass, account_class, account_holder
from evens.store.console.subjects import Subject, SubjectQueries
from evens.store.database import Database
from evens.store.encoding.codec import decode
from tests.conftest import Stage
from tests.store.fixed_odds.book import everything
from tests.store.pools.series import Series, everything_in_pools
from tests.store.social.stands import Stands
from tests.store.social.test_records import trade

pytestmark = pytest.mark.anyio

BETTING = "stake", "release", "loss", "payout", "commission"
PLACING = {"market": "market", "event": "fixture", "round": "round", "bet": "bet"}


def named(value: Any, field: str) -> Iterator[int]:
    """Yield every number that stands in fields of a name, however deep."""
    if isinstance(value, tuple):
        for part in cast("tuple[Any, ...]", value):
            yield from named(part, field)
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            inner = getattr(value, each.name)
            if each.name == field and isinstance(inner, int):
                yield inner
            yield from named(inner, field)


@pytest.mark.parametrize("seed", range(2))
async def test_all_that_bets_move_is_about_what_its_record_speaks_of(
    stage: Stage, database: Database, seed: int
) -> None:
    stands = Stands(stage, database)
    await everything(stands)
    await everything_in_pools(Series(stage))
    await trade(stands, random.Random(seed))
    owner = await asyncpg.connect(stage.dsns.owner)
    moved = await owner.fetch("SELECT seq, debit, credit, kind FROM evens.transfers WHERE kind BETWEEN 4 AND 12")
    payloads = {row["seq"]: row["payload"] for row in await owner.fetch("SELECT seq, payload FROM evens.journal")}
    await owner.close()
    cash = [row for row in moved if AccountClass.CASH in (account_class(row["debit"]), account_class(row["credit"]))]
    holders = {row["seq"]: settled(row) for row in cash} | {
        row["seq"]: holder for row in cash if (holder := settled(row)) is not None
    }
    assert len(holders) > 100
    about = await SubjectQueries(database).about(holders)
    assert holders.keys() - about.keys() == set()
    for seq, subject in about.items():
        _, command, events = decode(payloads[seq])
        assert subject.id in {seq, *speaks_of((command, *events), subject)}, (subject, command)
    assert {subject.kind for subject in about.values()} == {"market", "event", "bet", "round"}


def settled(row: Any) -> int | None:
    """Return whose settlement account a transfer touched."""
    for account in (row["debit"], row["credit"]):
        if account_class(account) is AccountClass.SETTLEMENT:
            return account_holder(account)
    return None


def speaks_of(record: tuple[Any, ...], subject: Subject) -> set[int]:
    """Return the numbers that a record has for things of the subject's kind."""
    return set(named(record, PLACING[subject.kind]))
