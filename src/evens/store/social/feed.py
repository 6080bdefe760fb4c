"""What the feed tells of people who consent: big wins, and public challenges that were settled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.values.ids import ChallengeId
from evens.store.database import Database
from evens.store.social.queries import RecentRow, named, read_recent
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("social", "feed")

Place = tuple[int, int]
"""When something was settled, in nanoseconds since 1970, and what orders it among what was settled in that moment."""


@dataclass(frozen=True, slots=True)
class BigWinRow:
    """A win of long odds, by whom, and its place in the feed."""

    username: str
    display_name: str | None
    won: RecentRow
    place: Place


@dataclass(frozen=True, slots=True)
class WonChallengeRow:
    """A public challenge that one of the two has won: what they won net and had risked, and its place in the feed."""

    challenge: ChallengeId
    title: str
    winner: str
    display_name: str | None
    loser: str
    profit_minor: int
    risked_minor: int
    settled_at: int
    place: Place


class FeedQueries:
    """Read-only questions of the feed. Raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(
        self, currency_number: int, least_minor: int, *, before: Place, limit: int
    ) -> list[BigWinRow | WonChallengeRow]:
        """Return what is told in a currency, newest first, from before a place; big wins are of this much at least."""
        async with self._database.connection() as connection:
            wins = await connection.fetch(named(_SQL["big_wins"]), currency_number, least_minor, *before, limit)
            challenges = await connection.fetch(_SQL["challenges"], currency_number, *before, limit)
        found = [*map(_big_win, wins), *map(_won_challenge, challenges)]
        return sorted(found, key=lambda row: row.place, reverse=True)[:limit]


def _big_win(row: "asyncpg.Record") -> BigWinRow:
    return BigWinRow(row["username"], row["display_name"], read_recent(row), (row["settled_at"], row["tie"]))


def _won_challenge(row: "asyncpg.Record") -> WonChallengeRow:
    has_backer_won = row["backer_profit"] > 0
    winner, loser = ("backer", "layer") if has_backer_won else ("layer", "backer")
    return WonChallengeRow(
        ChallengeId(row["id"]),
        row["title"],
        row[winner],
        row[f"{winner}_shown"],
        row[loser],
        row[f"{winner}_profit"] - row["fee"],
        row["stake"] if has_backer_won else row["profit"],
        row["ended_at"],
        (row["ended_at"], row["id"]),
    )
