"""Driving pools on a stage: rounds with bets of five customers that go through everything that can happen to them."""

import time

from evens.core.commands.every import Command
from evens.core.commands.pools import (
    ChangePool,
    CreatePool,
    LockRound,
    OpenRound,
    PlacePoolBet,
    SettleRound,
    VoidRound,
)
from evens.core.events.ledger import Rejected
from evens.core.events.pools import PoolBetPlaced, PoolCreated, RoundOpened
from evens.core.values.ids import CustomerId, PoolBetId, PoolId, RoundId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult
from tests.store.fixed_odds.book import HOUR_NS, Book

UP, DOWN = PoolSide.UP, PoolSide.DOWN
SOON_NS = 300 * 10**6
TERMS = PoolTerms("Nasdaq – den po dni", "^IXIC", 125, 1_000, running='{"calendar":"XNAS"}')


class Series(Book):
    """A stage, and the everyday ways to use pools."""

    async def done(self, command: Command) -> None:
        """Give a command that is not refused, and let the house finish what follows from it."""
        event = (await self.stage.submit(command)).events[0]
        assert not isinstance(event, Rejected), (command, event)
        await self.calm()

    async def create(self, key: str, currency: str = "USDC", terms: PoolTerms = TERMS) -> PoolId:
        """Create a pool."""
        event = (await self.stage.submit(CreatePool(key, currency, terms))).events[0]
        assert isinstance(event, PoolCreated), event
        return event.pool

    async def open(self, pool: PoolId, code: str, lasts_ns: int = HOUR_NS) -> RoundId:
        """Open a round."""
        locks_at = time.time_ns() + lasts_ns
        event = (await self.stage.submit(OpenRound(pool, code, locks_at, locks_at + 300 * 10**9))).events[0]
        assert isinstance(event, RoundOpened), event
        return event.round

    async def stake(
        self, customer: CustomerId, pool: PoolId, side: PoolSide, minor: int, code: str | None = None
    ) -> PoolBetId:
        """Place a bet that is taken."""
        event = (await self.stage.submit(PlacePoolBet(customer, pool, side, minor, code))).events[0]
        assert isinstance(event, PoolBetPlaced), event
        return event.bet

    async def stakes(self, customers: list[CustomerId], pool: PoolId, code: str) -> None:
        """Let everybody bet in a round: the first one on both sides, the others in turn on up and down."""
        await self.stake(customers[0], pool, DOWN, 3_333, code)
        for number, customer in enumerate(customers):
            await self.stake(customer, pool, (UP, DOWN)[number % 2], 10_000 + 7 * number, code)


async def everything_in_pools(series: Series) -> dict[str, RoundId]:
    """Return rounds by code: corrected thrice, void from the start, voided when locked, one-sided, locked, open."""
    stage = series.stage
    customers = [await stage.customer(f"p{number}", USDC=1_000_000, USD=1_000_00) for number in range(5)]
    pool, dollars = await series.create("ndx-daily"), await series.create("ndx-usd", "USD")
    await series.done(ChangePool(dollars, PoolTerms("Nasdaq", "NDX", 250, 1, 90_000_00)))
    rounds: dict[str, RoundId] = {}
    for code in ("20250106", "20250107", "20250108", "20250109"):
        rounds[code] = await series.open(pool, code)
        await series.stakes(customers, pool, code)
    rounds["20250110"] = await series.open(dollars, "20250110")
    await series.stake(customers[1], dollars, UP, 50_00)
    await series.stake(customers[2], dollars, UP, 1)
    corrected, voided = rounds["20250106"], rounds["20250108"]
    for command in (
        LockRound(corrected),
        SettleRound(corrected, RoundResult.UP, '{"price":"15003.25","reference":"14999.90"}'),
        SettleRound(corrected, RoundResult.DOWN, correction=True),
        SettleRound(corrected, RoundResult.VOID, correction=True),
        SettleRound(corrected, RoundResult.UP, correction=True),
        VoidRound(rounds["20250107"], "closed"),
        LockRound(voided),
        VoidRound(voided, "no price"),
        LockRound(rounds["20250110"]),
        SettleRound(rounds["20250110"], RoundResult.DOWN),
        LockRound(rounds["20250109"]),
    ):
        await series.done(command)
    # One that locks by itself, and one that people can bet in.
    rounds["20250113"] = await series.open(pool, "20250113", SOON_NS)
    await series.calm()
    rounds["20250114"] = await series.open(pool, "20250114")
    await series.stakes(customers, pool, "20250114")
    await series.calm()
    return rounds
