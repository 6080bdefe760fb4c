"""Driving follows on a stage: a leader and followers of theirs, through everything that can happen to copies."""

from dataclasses import replace

from evens.core.commands.exchange import PlaceOrder
from evens.core.commands.following import (
    ChangeFollow,
    CopyMatch,
    CopyPoolBet,
    EndFollow,
    FollowLeader,
    PauseFollow,
    ResumeFollow,
    SettleCopy,
    SkipBets,
    StopFollow,
)
from evens.core.events.exchange import Matched
from evens.core.events.following import BetCopied, CopySkipped, FollowStarted
from evens.core.events.ledger import Rejected
from evens.core.values.betting import Side
from evens.core.values.following import FollowMode, FollowTerms, SkippedBets, SkipReason
from evens.core.values.ids import CustomerId, FollowId, MarketId, PoolBetId, RoundId, RunnerId
from evens.core.values.pools import PoolSide
from evens.core.values.records import RecordProduct
from tests.store.exchange.test_exchange import market, terms
from tests.store.pools.series import Series

ALL = RecordProduct.EXCHANGE, RecordProduct.SPORTSBOOK, RecordProduct.POOLS
FIXED = FollowTerms(FollowMode.FIXED, 5_00, None, 100_00, 50_00, 80_00, 2, None, ALL, 40)
SHARE = FollowTerms(FollowMode.PROPORTIONAL, None, 500_000, 100_00, 50_00, 80_00, 2, 150, (RecordProduct.EXCHANGE,))


class Circle(Series):
    """A stage, and the everyday ways to follow."""

    async def follow(
        self, customer: CustomerId, leader: CustomerId, wanted: FollowTerms = FIXED, fee_bps: int = 0
    ) -> FollowId:
        """Begin to follow."""
        event = (await self.stage.submit(FollowLeader(customer, leader, "USD", wanted, fee_bps))).events[0]
        assert isinstance(event, FollowStarted), event
        return event.follow

    async def matched(self, leader: CustomerId, other: CustomerId, on: MarketId, more_minor: int = 50_00) -> Matched:
        """Let the leader back 10.00 at 3.00, with ``more_minor`` left for copies."""
        await self.stage.submit(PlaceOrder(other, on, RunnerId(1), Side.LAY, 300, 10_00 + more_minor))
        receipt = await self.stage.submit(PlaceOrder(leader, on, RunnerId(1), Side.BACK, 300, 10_00))
        return next(event for event in receipt.events if isinstance(event, Matched))

    async def copy(self, follow: FollowId, matched: Matched) -> BetCopied | CopySkipped:
        """Copy a match of a leader who took it as a whole."""
        event = (await self.stage.submit(copying(follow, matched))).events[-1]
        assert isinstance(event, BetCopied | CopySkipped), event
        return event

    async def copy_stake(self, follow: FollowId, bet: PoolBetId, on: RoundId, at: int) -> BetCopied | CopySkipped:
        """Copy a stake of 30.00 on up."""
        command = CopyPoolBet(follow, bet, on, PoolSide.UP, 30_00, at, is_copy=False)
        event = (await self.stage.submit(command)).events[-1]
        assert isinstance(event, BetCopied | CopySkipped), event
        return event


def copying(follow: FollowId, matched: Matched) -> CopyMatch:
    """Return the command that copies a match of a leader who took it as a whole."""
    return CopyMatch(
        follow,
        matched.match,
        matched.market,
        matched.runner,
        Side.BACK,
        matched.odds,
        matched.stake_minor,
        matched.stake_minor,
        0,
        matched.match,
        is_copy=False,
    )


async def everything_followed(circle: Circle) -> dict[str, FollowId]:
    """Return follows by what became of them: active with a copy, corrected after a fee, stopped, ended."""
    stage = circle.stage
    leader, other = [await stage.customer(name, USD=1_000_00) for name in ("leading", "laying")]
    followers = [await stage.customer(f"copying{number}", USD=1_000_00) for number in range(4)]
    on = await market(stage, terms())
    follows: dict[str, FollowId] = {}
    for name, customer in zip(("open", "corrected", "stopped", "ended"), followers, strict=True):
        fee_bps = 1_000 if name == "corrected" else 0
        follows[name] = await circle.follow(customer, leader, SHARE if name == "open" else FIXED, fee_bps)
    await circle.done(ChangeFollow(followers[1], follows["corrected"], replace(FIXED, markets=(on,))))
    matched = await circle.matched(leader, other, on)
    copied: dict[str, BetCopied] = {}
    for name, follow in follows.items():
        event = await circle.copy(follow, matched)
        assert isinstance(event, BetCopied), event
        copied[name] = event
    for name, number, before, result in (
        ("corrected", 1, None, 10_00),
        ("corrected", 2, 10_00, -5_00),
        ("stopped", 1, None, -5_00),
    ):
        risk_before = 5_00 if number == 1 else 0
        copy = copied[name].copy
        await circle.done(SettleCopy(follows[name], copy, number, risk_before, 0, before, result))
    earlier, later = [(await circle.matched(leader, other, on)).match for _ in range(2)]
    bets = [
        SkippedBets(follows["corrected"], SkipReason.LOOP, earlier, earlier, 1),
        SkippedBets(follows["corrected"], SkipReason.CURRENCY, later, later, 1),
        SkippedBets(follows["ended"], SkipReason.LOOP, later, later, 1),
    ]
    await circle.done(SkipBets(RecordProduct.EXCHANGE, tuple(bets)))
    await circle.done(StopFollow(follows["stopped"], -61_00))
    await circle.done(PauseFollow(followers[3], follows["ended"]))
    await circle.done(ResumeFollow(followers[3], follows["ended"]))
    skipped = await circle.copy(follows["stopped"], await circle.matched(leader, other, on))
    assert isinstance(skipped, CopySkipped)
    assert skipped.reason is SkipReason.STOP_LOSS
    await circle.done(EndFollow(followers[3], follows["ended"]))
    refused = (await stage.submit(ResumeFollow(followers[2], follows["stopped"]))).events[0]
    assert isinstance(refused, Rejected)
    return follows
