"""Loading the challenges that can still change, after the markets that some of them are on."""

from typing import TYPE_CHECKING, Final

from evens.core.challenges.challenge import Challenge
from evens.core.commands.challenges import RecallChallenges
from evens.core.state import House
from evens.core.values.betting import ChallengeStatus
from evens.store.challenges.recalling import markets_to_recall
from evens.store.challenges.rows import read_offered, read_outcome, read_settled
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from evens.store.database import Wire

_SETTLED: Final = statements("challenges", "settled")


async def load_challenges(connection: "Wire", house: House) -> None:
    """Add the challenges that can still change to a house that has its markets."""
    add_challenges(house, await connection.fetch(_SETTLED["can_still_change"]))
    for number in await markets_to_recall(connection):
        house.challenges.agenda.begin(RecallChallenges(number))


def add_challenges(house: House, rows: "Sequence[asyncpg.Record]") -> None:
    """Add challenges that can still change to a house that has the markets they are on."""
    for row in rows:
        market = None if row["market"] is None else house.exchange.markets[row["market"]]
        house.challenges.add(_read_challenge(row, None if market is None else market.turned_at))


def _read_challenge(row: "asyncpg.Record", turned_at: int | None) -> Challenge:
    settled = read_settled(row)
    outcome = read_outcome(row) if settled is None else settled.outcome
    status = ChallengeStatus(row["status"])
    before_the_off = turned_at is not None and row["offered_at"] < turned_at
    lapsing = status is ChallengeStatus.OFFERED and before_the_off
    return Challenge(read_offered(row), status, row["acceptor"], outcome, row["payable_at"], settled, lapsing)
