"""What copies on the exchange have won or lost, and what open ones would if they were closed now.

A market books one profit for each customer, of all their bets together and net of commission. What a copy has won is
its share of that before commission: what the matches of its own order come to under the market's result, with odds
reduced as bets are, one by one, where a runner was removed after the match.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.exchange.market import Market, reduction_factors
from evens.core.values.betting import MarketStatus, Side, Stage
from evens.core.values.following import closing_gain_minor, lay_order_risk_minor
from evens.core.values.ids import FollowId, MarketId
from evens.core.values.odds import ODDS_UNIT, reduced_parts, settle_minor, whole_cents
from evens.core.values.records import RecordProduct
from evens.store.database import Database
from evens.store.exchange.live_markets import market_of
from evens.store.exchange.queries import ExchangeQueries, MarketRow
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_OVER: Final = (MarketStatus.SETTLED, MarketStatus.VOID)

FOLLOWS_AT_ONCE: Final = 500
"""For how many follows copies are valued together."""

_SQL: Final = statements("following", "queries")


@dataclass(frozen=True, slots=True)
class FollowToStop:
    """An active follow with a stop-loss, and what its settled copies have won or lost."""

    id: FollowId
    allocation_minor: int
    stop_loss_percent: int
    result_minor: int


@dataclass(frozen=True, slots=True)
class OpenCopies:
    """What is open of a follow: what closing its orders now would win or lose, and its bets with the house."""

    gain_minor: int
    bets: tuple[int, ...]


class FollowResults:
    """Works out what copies have won or lost. Raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._exchange = ExchangeQueries(database)

    async def of_orders(self, market: MarketId, orders: Sequence[int]) -> Mapping[int, tuple[int, int | None]]:
        """Return, by order, what it can still lose and what it won or lost, ``None`` while the market is open."""
        row, matches = await self._exchange.market(market), await self._matches(orders)
        is_over = row is not None and row.status in _OVER and row.stage is Stage.NOTHING
        return {
            order: (0, _result_minor(row, matches[order])) if row and is_over else (_risk_minor(matches[order]), None)
            for order in orders
        }

    async def to_stop(self, after: FollowId) -> list[FollowToStop]:
        """Return active follows with a stop-loss and something that could reach it, in order, behind one."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["to_stop"], after, FOLLOWS_AT_ONCE)
        return [FollowToStop(*row) for row in rows]

    async def open_copies(self, follows: Iterable[FollowId]) -> Mapping[FollowId, OpenCopies]:
        """Return what is open of follows, of those of which something is. An order that nobody meets is at cost."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["open_copies"], list(follows))
        gains: dict[FollowId, int] = defaultdict(int)
        bets: dict[FollowId, list[int]] = defaultdict(list)
        positions: dict[tuple[FollowId, MarketId, int, Side], list[int]] = defaultdict(list)
        for row in rows:
            gains[row["follow"]] += 0
            if row["product"] == RecordProduct.SPORTSBOOK:
                bets[row["follow"]].append(row["id"])
            else:
                positions[row["follow"], row["market"], row["runner"], Side(row["side"])].append(row["id"])
        for follow, gain_minor in await self._closing_gains(positions):
            gains[follow] += gain_minor
        return {follow: OpenCopies(gain_minor, tuple(bets[follow])) for follow, gain_minor in gains.items()}

    async def _closing_gains(
        self, positions: "Mapping[tuple[FollowId, MarketId, int, Side], Sequence[int]]"
    ) -> Sequence[tuple[FollowId, int]]:
        """Return what closing all orders of a follow on one side of a runner would win or lose, each such position.

        Nobody closes a bet with an order of their own, so the follower's do not count.
        """
        matches = await self._matches([order for orders in positions.values() for order in orders])
        markets = {market: await self._exchange.market(market) for market in {place[1] for place in positions}}
        levels: dict[tuple[MarketId, int, Side], list[tuple[int, int]]] = defaultdict(list)
        own_levels: dict[tuple[FollowId, MarketId, int, Side], dict[int, int]] = defaultdict(dict)
        follows = list({place[0] for place in positions})
        # What the followers themselves have there is part of what is there only as of one moment.
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            for level in await wire.fetch(_SQL["levels"], list(markets)):
                place = level["market"], level["runner"], Side(level["side"])
                levels[place].append((level["odds"], level["stake"]))
            for level in await wire.fetch(_SQL["own_levels"], follows, list(markets)):
                place = level["follow"], level["market"], level["runner"], Side(level["side"])
                own_levels[place][level["odds"]] = level["stake"]
        gains: list[tuple[FollowId, int]] = []
        for (follow, market, runner, side), orders in positions.items():
            row, own = markets[market], [match for order in orders for match in matches[order]]
            if row is not None and own and runner not in row.removals:
                stake_minor = sum(match["stake"] for match in own)
                theirs = own_levels[follow, market, runner, side]
                there = [(odds, max(minor - theirs.get(odds, 0), 0)) for odds, minor in levels[market, runner, side]]
                gains.append((follow, closing_gain_minor(side, stake_minor, _value_cents(row, own), there)))
        return gains

    async def _matches(self, orders: Sequence[int]) -> "Mapping[int, list[asyncpg.Record]]":
        async with self._database.connection() as connection:
            found = await connection.fetch(_SQL["own_matches"], orders)
        matches: dict[int, list[asyncpg.Record]] = defaultdict(list)
        for match in found:
            matches[match["own"]].append(match)
        return matches


def _value_cents(row: MarketRow, matches: "Iterable[asyncpg.Record]") -> int:
    """Return the sum of stake × odds of matches, with odds as removed runners have reduced them since."""
    market = market_of(row)
    return sum(whole_cents(parts, unit) for _match, parts, unit in _reduced(market, matches))


def _reduced(market: Market, matches: "Iterable[asyncpg.Record]") -> "Iterator[tuple[asyncpg.Record, int, int]]":
    """Yield matches with what each returns if its runner wins alone: so many parts, of which so many are a cent."""
    factors, whole_odds = reduction_factors(market.removals, tuple(market.removal_log)), market.terms.winners == 1
    for match in matches:
        since = sum(1 for _stage, _runner, at in market.removal_log if at < match["id"])
        yield match, reduced_parts(match["stake"], match["odds"], factors[since], whole_odds), factors[0][1]


def _risk_minor(matches: "Iterable[asyncpg.Record]") -> int:
    """Return what the matches of one order can lose."""
    stake_minor, value_cents, side = 0, 0, Side.BACK
    for match in matches:
        stake_minor, side = stake_minor + match["stake"], Side(match["side"])
        value_cents += match["stake"] * match["odds"]
    return stake_minor if side is Side.BACK else lay_order_risk_minor(stake_minor, value_cents)


def _result_minor(row: MarketRow, matches: "Iterable[asyncpg.Record]") -> int:
    """Return the profit of matches of one order under the market's result; on a removed runner there is none."""
    if not row.parts:
        return 0
    market = market_of(row)
    shares, cents = dict(market.shares), 0
    counted = [match for match in matches if match["runner"] not in row.removals]
    for match, parts, unit in _reduced(market, counted):
        returned = whole_cents(parts, unit)
        profit = shares.get(match["runner"], 0) * returned - row.parts * ODDS_UNIT * match["stake"]
        cents += profit if Side(match["side"]) is Side.BACK else -profit
    return settle_minor(cents, row.parts)
