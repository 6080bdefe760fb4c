"""What copies have won or lost, as each product shows it: joins following with the products that it copies in."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from evens.core.values.ids import FollowId, MarketId
from evens.core.values.records import RecordProduct
from evens.edges.gateway import Gateway
from evens.edges.http.sportsbook.deriving import bet_state, cash_out_value
from evens.edges.jobs.copier import EVERY_S, Copier
from evens.edges.jobs.copy_settling import SETTLE_EVERY_S, CopySettling
from evens.edges.jobs.following import Following
from evens.edges.jobs.stop_losses import STOP_EVERY_S, StopLosses
from evens.store.database import Database
from evens.store.fixed_odds.queries import BetRow, LimitsRow, SportsbookQueries
from evens.store.following.due import CopiesDue
from evens.store.following.over import CopiesOver
from evens.store.following.results import FollowResults
from evens.store.pools.queries import PoolQueries
from evens.store.social.due import Due


class ProductResults:
    """What copies have won or lost, on the tables of the products.

    Implements :class:`evens.edges.jobs.copy_settling.CopyResults` and :class:`evens.edges.jobs.stop_losses.OpenGains`.
    """

    def __init__(self, database: Database, follows: FollowResults) -> None:
        self._follows = follows
        self._sportsbook = SportsbookQueries(database)
        self._pools = PoolQueries(database)

    async def of(self, thing: Due, copies: Sequence[int]) -> Mapping[int, tuple[int, int | None]]:
        """Return, by copy, what it can still lose and what it won or lost, ``None`` while it is open."""
        if thing.product is RecordProduct.EXCHANGE:
            return await self._follows.of_orders(MarketId(thing.thing), copies)
        if thing.product is RecordProduct.SPORTSBOOK:
            bets = await self._sportsbook.bets_by_id(copies)
            return {bet.id: _standing(bet.stake_minor, bet_state(bet).payout_minor) for bet in bets}
        stakes = await self._pools.bets_by_id(copies)
        return {stake.id: _standing(stake.stake_minor, stake.returned_minor) for stake in stakes}

    async def open_gains(self, follows: Iterable[FollowId]) -> Mapping[FollowId, int]:
        """Return what open copies would win or lose if they were closed now, bets with the house by cashing them out.

        A stake in a pool, and whatever cannot be closed now, is worth what it cost.
        """
        opened = await self._follows.open_copies(follows)
        bets = await self._sportsbook.bets_by_id([bet for copies in opened.values() for bet in copies.bets])
        margins = await self._margins_bps({bet.currency_number for bet in bets})
        now = time.time_ns()
        gains = {int(bet.id): _cash_out_gain_minor(bet, margins[bet.currency_number], now) for bet in bets}
        return {
            follow: copies.gain_minor + sum(gains.get(bet, 0) for bet in copies.bets)
            for follow, copies in opened.items()
        }

    async def _margins_bps(self, currencies: Iterable[int]) -> Mapping[int, int]:
        return {
            number: (await self._sportsbook.limits(number) or LimitsRow()).cash_out_margin_bps for number in currencies
        }


def _standing(stake_minor: int, returned_minor: int | None) -> tuple[int, int | None]:
    return (stake_minor, None) if returned_minor is None else (0, returned_minor - stake_minor)


def _cash_out_gain_minor(bet: BetRow, margin_bps: int, now: int) -> int:
    value_minor = cash_out_value(bet, margin_bps, now)
    return 0 if value_minor is None else value_minor - bet.stake_minor


def copying_jobs(database: Database, gateway: Gateway, clock: Callable[[], int]) -> Mapping[str, Following]:
    """Return the jobs of following, by name: they copy, settle copies and stop follows.

    ``clock`` is that by which bets are recorded: it says which are too old to be copied.
    """
    follows = FollowResults(database)
    results = ProductResults(database, follows)
    steps = {
        "copier": (Copier(gateway, CopiesDue(database), clock).copy_next, EVERY_S),
        "copy settling": (CopySettling(gateway, CopiesOver(database), results).settle_next, SETTLE_EVERY_S),
        "stop losses": (StopLosses(gateway, follows, results).stop_next, STOP_EVERY_S),
    }
    return {name: Following(name, step, every_s) for name, (step, every_s) in steps.items()}
