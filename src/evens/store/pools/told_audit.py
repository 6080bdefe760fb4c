"""Auditing closes that operators told: they are what the evidence of rounds says that operators told.

No event leaves rows in the table. What an operator told is an answer among those of a round's sources, with its reason;
the journal has it as part of the evidence once it decided a round. Each of these words must be in the table as it
stands there. Others may be, too: words that were replaced before they were asked for, or that nothing was decided by.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.pool_running import parse_running
from evens.store.auditing.differences import Difference
from evens.store.auditing.table_checks import TableChecks, check_table
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire

_SQL: Final = statements("pools", "told_audit")
_TABLE: Final = "told_prices"

Word = tuple[int, str, str, str, str, str]
"""A pool, the name of its source, a symbol, a session's code, the price and why it is that."""


class ToldPricesAudit(TableChecks):
    """What operators told against the evidence, which was compared with the journal."""

    def __init__(self) -> None:
        super().__init__({})

    def remaining(self) -> Iterable["Check"]:
        """Return the checks, each to be made on its own."""
        yield partial(check_table, sql=_SQL["told_out_of_shape"], table=_TABLE)
        yield check_rounds
        yield check_evidence


async def check_rounds(wire: "Wire") -> None:
    """Raise :class:`Difference` if a word is for no round, or for one that asks no operator of that name."""
    for pool, source, symbol, code, running in await wire.fetch(_SQL["words"]):
        asked = () if running is None else parse_running(running).sources
        if not any(each.kind == "manual" and each.name == source for each in asked):
            raise Difference(f"{_TABLE}: {source} told {symbol} of {code}, which no round of pool {pool} asked for")


async def check_evidence(wire: "Wire") -> None:
    """Raise :class:`Difference` if a round was decided by an operator's word that was not told so."""
    rows = await wire.fetch(_SQL["evidence_of_words"])
    words = [word for row in rows for word in words_in(*row)]
    missing = await wire.fetchrow(_SQL["words_not_told"], *map(list, zip(*words, strict=True))) if words else None
    if missing is not None:
        source, code, price, reason = missing
        raise Difference(f"{_TABLE}: nobody told {price} for {source} and {code} because {reason!r}, as evidence says")


def words_in(pool: int, symbol: str, code: str, evidence: str) -> Iterator[Word]:
    """Yield what operators told of a round's own close and of the one before, as its evidence says."""
    said = json.loads(evidence)
    before = said.get("before", {})
    for each, session in ((said, code), (before, before.get("round", ""))):
        for answer in each.get("sources", ()):
            if _is_word(answer):
                yield pool, answer["name"], symbol, session, answer["price"], answer["reason"]


def _is_word(answer: dict[str, Any]) -> bool:
    return "reason" in answer and "price" in answer
