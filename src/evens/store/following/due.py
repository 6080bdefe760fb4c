"""What is to be copied: bets of leaders that were not decided yet for each of their follows, leader by leader.

How it works
------------
The copier's place is up to where the journal was looked at. Looking costs little: it only notes which followed leaders
bet there. Each of them then has a place of their own, by product: up to which match or bet, and which follow of it,
everything is decided. So a leader who bets much is behind by themselves, and whoever bets once is decided in the next
round. Nobody's bets wait in memory: a leader's are read from their place on, a page at a time.

A *page* is a stretch of a leader's bets and follows. What may be copied of it becomes a command each. What cannot be
whatever its market says, because the follow is paused or a minute has passed, is told together. The place moves on
once all of it is decided. A copier that dies before reads what is left of the stretch again: the tables say what was
decided.

Example. Ann has 2 follows and was matched 300 times while one of them was paused. A page of 100 copies is 100 commands
for the one, one row for the 100 matches that are skipped for the other, and a new place behind the hundredth match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.commands.following import CopyBet, CopyMatch, CopyPoolBet
from evens.core.values.betting import Side
from evens.core.values.fixed_odds import BetLeg
from evens.core.values.following import COPY_VALID_NS, SkippedBets, SkipReason
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId, FollowId
from evens.core.values.pools import PoolSide
from evens.core.values.records import RecordProduct
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

Copying = CopyMatch | CopyBet | CopyPoolBet

WINDOW: Final = 2_000
"""How many records of the journal are looked at together."""

BETS: Final = 100
"""How many bets of a leader are read at a time, at most."""

PAIRS: Final = 400
"""How many pairs of a bet and a follow are read at a time, if some of them may be copied."""

EXPIRED_PAIRS: Final = 50_000
"""How many pairs are read at a time if a minute has passed, and there is nothing to do but to count them."""

_ALL_FOLLOWS: Final = FollowId(2**63 - 1)
_SQL: Final = statements("following", "turns")
_BETS_OF: Final = {
    RecordProduct.EXCHANGE: "matches",
    RecordProduct.SPORTSBOOK: "bets",
    RecordProduct.POOLS: "pool_bets",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a leader stands in a product: everything up to ``follow`` of ``source`` is decided.

    Up to ``until`` the journal was looked at.
    """

    leader: CustomerId
    product: RecordProduct
    source: int
    follow: FollowId
    until: int
    followers: int


@dataclass(frozen=True, slots=True)
class Page:
    """What is next in a turn: bets to be copied, bets to be skipped, and the place behind them.

    ``is_last`` says that nothing is left before what was looked at.
    """

    turn: Turn
    copies: Sequence[Copying]
    skipped: Sequence[SkippedBets]
    source: int
    follow: FollowId
    is_last: bool


class CopiesDue:
    """Reads what is to be copied, and keeps the places. Raises ``StoreUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> bool:
        """Note who bet in the next records of the journal; return whether there were any."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SQL["scan"], WINDOW, TRANSFERS_PER_COMMAND_MAX) is not None

    async def leaders(self, after: CustomerId, limit: int) -> list[CustomerId]:
        """Return leaders with bets that are not decided, in the order of their ids, behind one."""
        async with self._database.connection() as connection:
            return [row["leader"] for row in await connection.fetch(_SQL["leaders"], after, limit)]

    async def turns(self, leaders: Sequence[CustomerId]) -> list[Turn]:
        """Return where these leaders stand."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["turns"], leaders, TRANSFERS_PER_COMMAND_MAX)
        return [
            Turn(
                row["leader"],
                RecordProduct(row["product"]),
                row["source"],
                row["follow"],
                row["until"],
                row["followers"],
            )
            for row in rows
        ]

    async def page(self, turn: Turn, copies_max: int, now: int) -> Page:
        """Return what is next in a turn at the time ``now``, with so many bets to be copied at most."""
        count = BETS if turn.followers == 0 else min(BETS, PAIRS // turn.followers + 2)
        async with self._database.connection() as connection:
            bets = await connection.fetch(_SQL[_BETS_OF[turn.product]], turn.leader, turn.source, turn.until, count)
            if not bets:
                return Page(turn, (), (), turn.source, turn.follow, is_last=True)
            expired_before = now - COPY_VALID_NS
            pairs_max = EXPIRED_PAIRS if bets[-1]["struck_at"] < expired_before else PAIRS
            found = await connection.fetch(
                _SQL["pairs"],
                *([bet[name] for bet in bets] for name in _OF_BETS),
                turn.leader,
                str(int(turn.product)),
                turn.source,
                turn.follow,
                expired_before,
                pairs_max,
                copies_max,
            )
        by_id = {bet["id"]: bet for bet in bets}
        copies = [_READ[turn.product](by_id[row["last"]], row["follow"]) for row in found if row["reason"] is None]
        skipped = [
            SkippedBets(row["follow"], SkipReason(row["reason"]), row["first"], row["last"], row["count"])
            for row in found
            if row["reason"] is not None
        ]
        if len(copies) == copies_max or sum(row["count"] for row in found) == pairs_max:
            return Page(turn, copies, skipped, found[-1]["last"], found[-1]["follow"], is_last=False)
        return Page(turn, copies, skipped, bets[-1]["id"], _ALL_FOLLOWS, is_last=len(bets) < count)

    async def decided(self, page: Page) -> None:
        """Move a leader's place on to behind a page, or forget it if nothing is left."""
        turn = page.turn
        stands = turn.leader, turn.product, turn.source, turn.follow
        async with self._database.connection() as connection:
            if page.is_last:
                done = await connection.execute(_SQL["done"], *stands, turn.until, TRANSFERS_PER_COMMAND_MAX)
                if done != "DELETE 0":
                    return
            await connection.execute(_SQL["turned"], *stands, page.source, page.follow)


_OF_BETS: Final = ("id", "struck_at", "currency_number", "is_copy", "places")


def _match(row: "asyncpg.Record", follow: FollowId) -> CopyMatch:
    return CopyMatch(
        follow,
        row["id"],
        row["market"],
        row["runner"],
        Side(row["side"]),
        row["odds"],
        row["stake"],
        row["size"],
        row["before"],
        row["id"],
        is_copy=False,
    )


def _bet(row: "asyncpg.Record", follow: FollowId) -> CopyBet:
    columns = row["fixtures"], row["markets"], row["selections"], row["all_odds"]
    legs = tuple([BetLeg(*leg) for leg in zip(*columns, strict=True)])
    return CopyBet(follow, row["id"], row["currency_number"], legs, row["stake"], row["struck_at"], is_copy=False)


def _pool_bet(row: "asyncpg.Record", follow: FollowId) -> CopyPoolBet:
    side = PoolSide(row["side"])
    return CopyPoolBet(follow, row["id"], row["round"], side, row["stake"], row["struck_at"], is_copy=False)


_READ: Final = {RecordProduct.EXCHANGE: _match, RecordProduct.SPORTSBOOK: _bet, RecordProduct.POOLS: _pool_bet}
