"""What moved somebody's money was about: the market, event, round, challenge or accumulator.

No transfer says so itself, since nothing of a bet should be written twice. It follows from three things, which are
asked in this order: the account that the money came from or went to, if that is a settlement account; the record's own
number, which is that of the order, bet or challenge that it placed; and what the record's command names.

Example: a stake of record 812 is about the market of order 812. Its cancellation, record 815, is no order; its command
is ``CancelOrder(customer=7, order=812)``, so it is about the same market. The payout in record 990 comes from the
settlement account of market 640.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from evens.core.commands.every import Command
from evens.store.database import Database
from evens.store.encoding.codec import decode_command
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

SubjectKind = Literal["market", "event", "round", "challenge", "bet"]

_SQL: Final = statements("console", "subjects")
_NAMING: Final = ("market", "fixture", "round", "challenge", "order", "bet")
"""Fields of commands that name what they are about."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a record is about.

    ``place`` and ``key`` are an event's source and key, or a round's pool and code. The ``name`` of an accumulator, a
    ``bet``, is how many legs it has.
    """

    kind: SubjectKind
    id: int
    place: str | None
    key: str | None
    name: str


class SubjectQueries:
    """Finds what records are about. Raises ``StoreUnavailable`` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def about(self, records: Mapping[int, int | None]) -> Mapping[int, Subject]:
        """Return what records of the journal are about, by their numbers; payments are about nothing.

        ``records`` has for each record the holder of the settlement account that its money came from or went to,
        ``None`` if there was none.
        """
        numbers = {seq: [seq] if holder is None else [holder] for seq, holder in records.items()}
        found = await self._find(numbers)
        unknown = [seq for seq in records if seq not in found]
        if unknown:
            rows = await self._fetch(_SQL["payloads"], unknown)
            commands = {row["seq"]: decode_command(row["payload"]) for row in rows}
            found |= await self._find({seq: _named(command) for seq, command in commands.items()})
        return found

    async def _find(self, numbers: Mapping[int, list[int]]) -> dict[int, Subject]:
        asked = list({number for some in numbers.values() for number in some})
        if not asked:
            return {}
        subjects = {
            row["number"]: Subject(row["kind"], row["id"], row["place"], row["key"], row["name"])
            for row in await self._fetch(_SQL["about"], asked)
        }
        return {
            seq: subjects[number]
            for seq, some in numbers.items()
            if (number := next((each for each in some if each in subjects), None)) is not None
        }

    async def _fetch(self, sql: str, *arguments: object) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def _named(command: Command) -> list[int]:
    """Return the numbers of what a command names."""
    fields = {field.name: getattr(command, field.name) for field in dataclasses.fields(command)}
    return [fields[name] for name in _NAMING if isinstance(fields.get(name), int)]
