"""Following: one leader with a thousand followers, while other customers bet in another market."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from os import urandom
from time import perf_counter
from typing import Any, Final

from bench.environment import ACTOR, Bench, leading, new_database
from bench.exchange import CASH_MINOR, Waits, an_order, new_market
from bench.report import AT_MOST, Report
from evens.core.commands.exchange import PlaceOrder
from evens.core.commands.following import FollowLeader
from evens.core.commands.ledger import DefineCurrency
from evens.core.values.betting import Side
from evens.core.values.following import FollowMode, FollowTerms
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.records import RecordProduct
from evens.edges.jobs.copier import EVERY_S, Copier
from evens.edges.jobs.following import Following
from evens.program.in_process import InProcessGateway
from evens.store.database import Database
from evens.store.embedded import APP_ROLE, Running
from evens.store.following.due import CopiesDue
from evens.store.social.queries import ProfileRow, SocialQueries, Visibility
from evens.store.wallets.queries import Queries

FOLLOWERS: Final = 1_000
BETS: Final = 10
OTHERS: Final = 200
CALLERS: Final = 20
PAUSE_S: Final = 0.01
"""How long each of the other customers thinks between two bets: a house that is busy, but not at its end."""
QUIET_S: Final = 10.0

_TERMS: Final = FollowTerms(
    FollowMode.FIXED, 200, None, 10**9, 10**6, 10**8, 5, None, (RecordProduct.EXCHANGE,), markets=()
)


async def bet_elsewhere(bench: Bench, others: Sequence[CustomerId], market: MarketId, stop: asyncio.Event) -> Waits:
    """Let callers bet in a market until told to stop; return how long each waited for its answers."""
    waits = Waits([])

    async def call(number: int) -> None:
        draw = random.Random(number)
        mine = others[number::CALLERS]
        while not stop.is_set():
            order = an_order(draw, draw.choice(mine), market)
            asked = perf_counter()
            await bench.inbox.submit(order, command_id=urandom(16), actor=ACTOR)
            waits.seconds.append(perf_counter() - asked)
            await asyncio.sleep(PAUSE_S * 2 * draw.random())

    await asyncio.gather(*(call(number) for number in range(CALLERS)))
    return waits


async def copied_s(bench: Bench, leader: CustomerId, market: MarketId) -> float:
    """Let the leader bet; return how long after the commit the copies of all followers are committed."""
    follows = list(bench.sequencer.house.following.by_id.values())
    before = {follow.id: follow.used_minor for follow in follows}
    order = PlaceOrder(leader, market, RunnerId(1), Side.BACK, 300, 1_000)
    await bench.inbox.submit(order, command_id=urandom(16), actor=ACTOR)
    committed = perf_counter()
    while any(follow.used_minor == before[follow.id] for follow in follows):
        if perf_counter() > committed + 60:
            raise TimeoutError("the leader's bet is not copied by everybody")
        await asyncio.sleep(0.005)
    # What the house knows is committed with the batch at hand: a command behind it comes back after that.
    await bench.book([DefineCurrency("USD", 2)])
    return perf_counter() - committed


async def run(server: Running, report: Report) -> None:
    """Measure how soon all copies are there, and how long others wait meanwhile."""
    dsn = server.dsn(APP_ROLE, await new_database(server))
    async with leading(dsn) as bench:
        database = await Database.open(dsn)
        (leader, maker), others = await bench.customers(2, CASH_MINOR, "l"), await bench.customers(OTHERS, CASH_MINOR)
        followers = await bench.customers(FOLLOWERS, CASH_MINOR, "f")
        await SocialQueries(database).choose(
            ProfileRow(
                leader, "l0", 0, None, None, Visibility.FIGURES, listed=True, copyable=True, performance_fee_bps=0
            )
        )
        market, elsewhere = await new_market(bench), await new_market(bench)
        await bench.book([FollowLeader(follower, leader, "USD", _TERMS) for follower in followers])
        await bench.book([PlaceOrder(maker, market, RunnerId(1), Side.LAY, 300, 10**8)])
        copier = Copier(InProcessGateway(bench.inbox, Queries(database)), CopiesDue(database))
        job = Following("copier", copier.copy_next, EVERY_S)
        copying = asyncio.create_task(job.run())
        quiet = await _while_others_bet(bench, others, elsewhere, asyncio.sleep(QUIET_S))
        times: list[float] = []

        async def lead() -> None:
            for _ in range(BETS):
                times.append(await copied_s(bench, leader, market))
                await asyncio.sleep(1)

        busy = await _while_others_bet(bench, others, elsewhere, lead())
        job.stop()
        await copying
        await database.close()
    slowest = f"copies of {FOLLOWERS:,} followers behind the leader's commit, the slowest of {BETS}"
    report.add(slowest, max(times), "s", 1, AT_MOST)
    report.add("… p99 of bets of others while it is quiet", quiet.p99_ms, "ms")
    report.add("… p99 of bets of others meanwhile", busy.p99_ms, "ms")
    report.add("… p99 meanwhile ÷ quiet", busy.p99_ms / quiet.p99_ms, "×", 2, AT_MOST)


async def _while_others_bet(
    bench: Bench, others: Sequence[CustomerId], market: MarketId, doing: Coroutine[Any, Any, None]
) -> Waits:
    stop = asyncio.Event()
    betting = asyncio.create_task(bet_elsewhere(bench, others, market, stop))
    await doing
    stop.set()
    return await betting
