"""What is to be copied: bets of leaders that were not decided yet for each of their follows, leader by leader.

How it works
------------
The copier's place is up to where the journal was looked at. Looking costs little: it only notes which followed leaders
bet there. Each of them then has places of their own, by product: up to which match or bet, and which follow of it,
copies were asked for, and up to which everything is decided. So a leader who bets much is behind by themselves, and
whoever bets once is decided in the next round. Nobody's bets wait in memory: a leader's are read from their places on,
a page at a time.

A page *ahead* has what may be copied, a command each. It reads past what may not, so that whoever is paused or frozen
holds up nobody. The page *behind* it has the pairs that are left up to there: what cannot be copied whatever its market
says, because the follow is paused or a minute has passed, is told together. The place behind moves on once all of that
is decided. A copier that dies before reads what is left of the stretch again: the tables say what was decided.

Example. Ann has 2 follows and was matched 300 times while one of them was paused. A page of 100 copies ahead is 100
commands for the one, and the page behind it one row for the 100 matches that are skipped for the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from evens.core.commands.following import CopyBet, CopyMatch, CopyPoolBet
from evens.core.values.betting import Side
from evens.core.values.fixed_odds import BetLeg
from evens.core.values.following import COPY_VALID_NS, SkippedBets, SkipReason
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId, FollowId
from evens.core.values.pools import PoolSide
from evens.core.values.records import RecordProduct
from evens.store.database import Database
from evens.store.following.rows import read_limited_to
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Connection

Copying = CopyMatch | CopyBet | CopyPoolBet

WINDOW: Final = 2_000
"""How many records of the journal are looked at together."""

BETS: Final = 100
"""How many bets of a leader are read at a time, at most."""

PAIRS: Final = 640
"""How many pairs of a bet and a follow are read at a time, if some of them may be copied."""

EXPIRED_BETS: Final = 5_000
EXPIRED_PAIRS: Final = 50_000
"""How many bets, and pairs, are read at a time if a minute has passed, and there is nothing to do but to count them."""

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

    Copies were asked for up to ``ahead_follow`` of ``ahead_source``. Up to ``until`` the journal was looked at. Of the
    ``followers``, so many are ``active``; neither is counted beyond what a page has room for.
    """

    leader: CustomerId
    product: RecordProduct
    source: int
    follow: FollowId
    ahead_source: int
    ahead_follow: FollowId
    until: int
    followers: int
    active: int

    @property
    def asked_until(self) -> int:
        """The last bet of which copies were asked for whatever follow it is."""
        return self.ahead_source if self.ahead_follow == _ALL_FOLLOWS else self.ahead_source - 1


@dataclass(frozen=True, slots=True)
class Page:
    """What is next in a turn, ahead or behind: bets to be copied, bets to be skipped, and the place behind them.

    ``is_last`` says that nothing is left before what was looked at. Nothing is skipped ahead.
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
        """Note who bet in the next records of the journal; return whether there were as many as are looked at together.

        While others bet there are always a few more.
        """
        async with self._database.connection() as connection:
            return await connection.fetchval(_SQL["scan"], WINDOW, TRANSFERS_PER_COMMAND_MAX) == WINDOW

    async def leaders(self, after: CustomerId, limit: int) -> list[CustomerId]:
        """Return leaders with bets that are not decided, in the order of their ids, behind one."""
        async with self._database.connection() as connection:
            return [row["leader"] for row in await connection.fetch(_SQL["leaders"], after, limit)]

    async def turns(self, leaders: Sequence[CustomerId]) -> list[Turn]:
        """Return where these leaders stand."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["turns"], leaders, TRANSFERS_PER_COMMAND_MAX, PAIRS + 1)
        return [Turn(row["leader"], RecordProduct(row["product"]), *row[2:]) for row in rows]

    async def ahead(self, turn: Turn, copies_max: int, now: int) -> Page:
        """Return which bets of a turn may be copied at the time ``now``, so many at most, and nothing else."""
        place, count = (turn.ahead_source, turn.ahead_follow), _bets_at_once(turn.active)
        async with self._database.connection() as connection:
            expired = await self._expired(connection, turn, place, turn.until, EXPIRED_BETS, now)
            place = (expired[-1]["id"], _ALL_FOLLOWS) if expired else place
            bets = await connection.fetch(_SQL[_BETS_OF[turn.product]], turn.leader, place[0], turn.until, count)
            found = await self._pairs(connection, turn, bets, place, now, copies_max, copies_max, only_copies=True)
        copies = _copies(turn, bets, found)
        if len(copies) == copies_max:
            return Page(turn, copies, (), found[-1]["last"], found[-1]["follow"], is_last=False)
        is_last = len(bets) < count
        return Page(turn, copies, (), turn.until if is_last else bets[-1]["id"], _ALL_FOLLOWS, is_last)

    async def asked(self, page: Page) -> Turn:
        """Move a leader's place ahead on to behind a page, and return where they stand then."""
        turn = page.turn
        stands = turn.leader, turn.product, turn.ahead_source, turn.ahead_follow
        async with self._database.connection() as connection:
            await connection.execute(_SQL["turned_ahead"], *stands, page.source, page.follow)
        return replace(turn, ahead_source=page.source, ahead_follow=page.follow)

    async def page(self, turn: Turn, copies_max: int, now: int) -> Page:
        """Return what is left to be decided of a turn up to where copies were asked for.

        There are bets to be copied in it, so many at most, if what forbade to copy them is over since.
        """
        place, until, count = (turn.source, turn.follow), turn.asked_until, _bets_at_once(turn.followers)
        async with self._database.connection() as connection:
            expired = await self._expired(connection, turn, place, until, EXPIRED_BETS, now)
            if expired:
                followers = await connection.fetchval(_SQL["followers"], turn.leader, EXPIRED_PAIRS)
                expired = expired[: EXPIRED_PAIRS // max(followers, 1) + 1]
            bets = expired or await connection.fetch(
                _SQL[_BETS_OF[turn.product]], turn.leader, turn.source, until, count
            )
            if not bets:
                return Page(turn, (), (), *place, is_last=until == turn.until)
            pairs_max = EXPIRED_PAIRS if expired else PAIRS
            found = await self._pairs(connection, turn, bets, place, now, pairs_max, copies_max)
        copies = _copies(turn, bets, found)
        struck_at = {bet["id"]: bet["struck_at"] for bet in bets}
        skipped = [_skipped(row, struck_at[row["last"]]) for row in found if row["reason"] is not None]
        if len(copies) == copies_max or sum(row["count"] for row in found) == pairs_max:
            return Page(turn, copies, skipped, found[-1]["last"], found[-1]["follow"], is_last=False)
        is_last = not expired and len(bets) < count and until == turn.until
        return Page(turn, copies, skipped, bets[-1]["id"], _ALL_FOLLOWS, is_last)

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

    async def _expired(
        self, connection: "Connection", turn: Turn, place: tuple[int, FollowId], until: int, count: int, now: int
    ) -> "Sequence[asyncpg.Record]":
        """Return the next bets of a leader that are too old to be copied, so many at most, without anything else."""
        sql, first = _SQL[f"expired_{_BETS_OF[turn.product]}"], place[0] + (place[1] == _ALL_FOLLOWS)
        return await connection.fetch(sql, turn.leader, first, until, count, now - COPY_VALID_NS)

    async def _pairs(
        self,
        connection: "Connection",
        turn: Turn,
        bets: "Sequence[asyncpg.Record]",
        place: tuple[int, FollowId],
        now: int,
        pairs_max: int,
        copies_max: int,
        *,
        only_copies: bool = False,
    ) -> "Sequence[asyncpg.Record]":
        columns = [[bet[name] for bet in bets] for name in _OF_BETS]
        of, limits = (turn.leader, str(int(turn.product))), (now - COPY_VALID_NS, pairs_max, copies_max)
        return await connection.fetch(_SQL["pairs"], *columns, *of, *place, *limits, only_copies) if bets else ()


def _bets_at_once(follows: int) -> int:
    """Return how many bets are read at a time of a leader with so many follows."""
    return min(BETS, PAIRS // max(follows, 1) + 2)


_OF_BETS: Final = ("id", "struck_at", "currency_number", "is_copy", "places")


def _copies(turn: Turn, bets: "Sequence[asyncpg.Record]", found: "Sequence[asyncpg.Record]") -> Sequence[Copying]:
    by_id = {bet["id"]: bet for bet in bets}
    return [_READ[turn.product](by_id[row["last"]], row["follow"]) for row in found if row["reason"] is None]


def _skipped(row: "asyncpg.Record", struck_at: int) -> SkippedBets:
    bets = row["follow"], SkipReason(row["reason"]), row["first"], row["last"], row["count"]
    return SkippedBets(*bets, struck_at, *read_limited_to(row), row["permitted"])


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
