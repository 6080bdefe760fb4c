"""Loading the challenges that can still change, after the markets that some of them are on."""

from typing import TYPE_CHECKING, Final

from evens.core.challenges.challenge import Challenge
from evens.core.state import House
from evens.core.values.betting import ChallengeStatus
from evens.store.challenges.rows import read_offered, read_outcome, read_settled

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Wire

# What was paid on a market's result may be corrected until the market is archived.
_CHALLENGES: Final = """
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee
FROM (
    SELECT * FROM evens.challenges WHERE status < 5
    UNION ALL
    SELECT tied.* FROM evens.challenges AS tied JOIN evens.markets AS m ON m.id = tied.market AND NOT m.archived
    WHERE tied.status = 5 AND tied.market IS NOT NULL
) AS c
LEFT JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id
    ORDER BY each.settlement DESC LIMIT 1
) AS s ON true
ORDER BY c.id
"""


async def load_challenges(connection: "Wire", house: House) -> None:
    """Add the challenges that can still change to a house that has its markets."""
    for row in await connection.fetch(_CHALLENGES):
        market = None if row["market"] is None else house.exchange.markets[row["market"]]
        house.challenges.add(_read_challenge(row, None if market is None else market.turned_at))


def _read_challenge(row: "asyncpg.Record", turned_at: int | None) -> Challenge:
    settled = read_settled(row)
    outcome = read_outcome(row) if settled is None else settled.outcome
    status = ChallengeStatus(row["status"])
    before_the_off = turned_at is not None and row["offered_at"] < turned_at
    lapsing = status is ChallengeStatus.OFFERED and before_the_off
    return Challenge(read_offered(row), status, row["acceptor"], outcome, row["payable_at"], settled, lapsing)
