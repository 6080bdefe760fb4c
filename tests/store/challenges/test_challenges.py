"""Challenges in the tables: what is loaded is what was live, at every quiet moment, and the audit agrees."""

import asyncio
import random
import time

import pytest

from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    ExpireChallenge,
    OfferChallenge,
    PayChallenge,
    ResolveChallenge,
    RuleChallenge,
    SettleChallenge,
)
from evens.core.commands.every import Command
from evens.core.commands.exchange import ArchiveMarket, CreateMarket, RemoveRunner, SettleMarket, VoidMarket
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.challenges import ChallengeAccepted, ChallengeOffered
from evens.core.events.exchange import MarketCreated
from evens.core.state import House
from evens.core.values.betting import ChallengeStatus, MarketTerms, Outcome, Side
from evens.core.values.ids import ChallengeId, CustomerId, MarketId, RunnerId
from evens.store.auditing.audit import audit
from evens.store.challenges.queries import ChallengeQueries
from evens.store.challenges.recalling import markets_to_recall
from evens.store.database import Database
from evens.store.journal import connect
from evens.store.loading import load_house
from tests.conftest import Stage

pytestmark = pytest.mark.anyio

MS_NS = 10**6
SOON_NS = 60 * 10**9
HOUR_NS = 3_600 * 10**9
CHORES = ExpireChallenge | PayChallenge | SettleChallenge


async def market(stage: Stage) -> MarketId:
    terms = MarketTerms("Winner", ("Ann", "Bo", "Cy", "Di"), 1, 0, 100)
    created = (await stage.submit(CreateMarket("USD", terms))).events[0]
    assert isinstance(created, MarketCreated)
    return created.market


async def loaded(stage: Stage) -> House:
    wire = await connect(stage.dsns.app, "test")
    try:
        async with wire.transaction(isolation="repeatable_read", readonly=True):
            return await load_house(wire)
    finally:
        await wire.close()


def awaited(house: House) -> set[tuple[int, CHORES]]:
    """Return which chores wait for challenges, and until when."""
    return {
        (due_at, chore)
        for due_at, chore in house.agenda.scheduled()
        if isinstance(chore, CHORES) and house.challenges.is_next(chore)
    }


async def calm(stage: Stage) -> None:
    """Let the writer carry out everything that is due soon; then hold the tables against the live house."""
    house = stage.sequencer.house
    async with asyncio.timeout(30):
        while (due_at := house.agenda.next_due_at()) is not None and due_at < time.time_ns() + SOON_NS:
            await stage.submit(DefineCurrency("USD", 2))
    # What was decided before this command is committed before it is answered.
    await stage.submit(DefineCurrency("USD", 2))
    stored = await loaded(stage)
    assert list(stored.lines()) == list(stage.sequencer.house.lines())
    assert awaited(stored) == awaited(house)
    stored.check()


class Lives:
    """Customers who do anything with challenges, at random, and a judge on whose word some of them bet."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = random.Random(seed)
        self.customers: list[CustomerId] = []
        self.judge = CustomerId(0)
        self.markets: list[MarketId] = []
        self.offered: list[ChallengeId] = []

    async def begin(self) -> None:
        """Register everybody and open two markets."""
        self.customers = [await self.stage.customer(f"c{number}", USD=50_000) for number in range(8)]
        self.judge = await self.stage.customer("judge")
        self.markets = [await market(self.stage) for _ in range(2)]

    def offer(self) -> OfferChallenge:
        """Return some offer: some expire soon, some are not disputable for long."""
        chance = self.chance
        lasts_ns = chance.choice([20 * MS_NS, HOUR_NS, HOUR_NS, HOUR_NS])
        on_market = chance.random() < 0.5
        return OfferChallenge(
            chance.choice(self.customers),
            chance.choice(["mine is faster", "Žluťoučký kůň, 14:30"]),
            chance.choice(list(Side)),
            chance.choice([101, 133, 200, 257, 1_000]),
            chance.randint(100, 2_000),
            "USD",
            time.time_ns() + lasts_ns,
            chance.random() < 0.5,
            *(
                (chance.choice(self.markets), RunnerId(chance.randint(1, 4)), None)
                if on_market
                else (None, None, self.judge)
            ),
            fee_bps=chance.choice([0, 200]),
            dispute_window_ms=chance.choice([0, 20, 3_600_000]),
        )

    def deed(self, challenge: ChallengeId) -> Command:
        """Return something that somebody, rightly or not, might do with a challenge."""
        chance = self.chance
        who, outcome = chance.choice(self.customers), chance.choice(list(Outcome))
        return chance.choice(
            [
                AcceptChallenge(challenge, who),
                AcceptChallenge(challenge, who),
                CancelChallenge(challenge, who),
                ResolveChallenge(challenge, self.judge, outcome),
                DisputeChallenge(challenge, who),
                RuleChallenge(challenge, outcome),
            ]
        )

    async def go_on(self, times: int) -> None:
        """Do many things at once, so that batches hold several changes of one challenge."""
        for _ in range(times):
            commands: list[Command] = [self.offer() for _ in range(15)]
            for challenge in self.chance.sample(self.offered, min(len(self.offered), 12)):
                commands += [self.deed(challenge) for _ in range(4)]
            for receipt in await asyncio.gather(*[self.stage.submit(command) for command in commands]):
                self.offered += [event.challenge for event in receipt.events if isinstance(event, ChallengeOffered)]

    async def stop_at_each_step(self) -> None:
        """Offer challenges, and take each of them a step further than the one before: as far as a dispute."""
        ann, bob = [await self.stage.customer(name, USD=50_000) for name in ("ann", "bob")]
        for steps in range(4):
            by_judge = (None, None, self.judge, 200, 3_600_000)
            offer = OfferChallenge(ann, "t", Side.BACK, 200, 1_000, "USD", time.time_ns() + HOUR_NS, True, *by_judge)
            challenge = ChallengeId((await self.stage.submit(offer)).seq)
            further: list[Command] = [
                AcceptChallenge(challenge, bob),
                ResolveChallenge(challenge, self.judge, Outcome.WON),
                DisputeChallenge(challenge, bob),
            ]
            for command in further[:steps]:
                await self.stage.submit(command)


@pytest.mark.parametrize("seed", [3, 4])
async def test_the_tables_hold_the_live_state_through_the_lives_of_many_challenges(stage: Stage, seed: int) -> None:
    lives = Lives(stage, seed)
    await lives.begin()
    first, other = lives.markets
    for command in (
        RemoveRunner(first, RunnerId(4), 0),
        SettleMarket(first, (RunnerId(1), RunnerId(2)), dead_heat=True),
        SettleMarket(other, (RunnerId(3),)),
        SettleMarket(first, (RunnerId(3),), correction=True),
        VoidMarket(other, correction=True),
        VoidMarket(first, correction=True),
        SettleMarket(first, (RunnerId(2),), correction=True),
    ):
        await lives.go_on(4)
        await calm(stage)
        await stage.submit(command)
        await calm(stage)
    assert (await audit(stage.dsns.app)).problems == []
    live = stage.sequencer.house.challenges.by_id.values()
    assert ChallengeStatus.OFFERED in {challenge.status for challenge in live}
    assert ChallengeStatus.SETTLED not in {challenge.status for challenge in live}
    assert await settlements(stage) >= {0, 1, 2}
    assert await outdated(stage) == []


async def settlements(stage: Stage) -> set[int]:
    """Return which results of their markets challenges were settled by."""
    wire = await connect(stage.dsns.app, "test")
    rows = await wire.fetch("SELECT DISTINCT settlement FROM evens.challenge_settlements")
    await wire.close()
    return {row[0] for row in rows}


async def outdated(stage: Stage) -> list[MarketId]:
    """Return the markets with challenges that were not settled anew after a correction."""
    wire = await connect(stage.dsns.app, "test")
    markets = await markets_to_recall(wire)
    await wire.close()
    return markets


async def test_what_is_asked_of_the_tables_is_what_is_live(stage: Stage, database: Database) -> None:
    lives = Lives(stage, 5)
    await lives.begin()
    await lives.go_on(9)
    await lives.stop_at_each_step()
    await calm(stage)
    queries = ChallengeQueries(database)
    live = stage.sequencer.house.challenges.by_id
    assert len({challenge.status for challenge in live.values()}) >= 4
    for challenge in live.values():
        stored = await queries.challenge(challenge.id)
        assert stored is not None
        assert stored.terms == challenge.terms
        assert (stored.status, stored.acceptor) == (challenge.status, challenge.acceptor)
        assert (stored.outcome, stored.payable_at) == (challenge.outcome, challenge.payable_at)
    now = time.time_ns()
    public = [
        challenge.id
        for challenge in live.values()
        if challenge.terms.public and challenge.status is ChallengeStatus.OFFERED
    ]
    assert [row.id for row in await queries.public(now, limit=500)] == sorted(public, reverse=True)
    assert [row.id for row in await queries.public(now, before=sorted(public)[2], limit=1)] == [sorted(public)[1]]
    assert await queries.public(now + HOUR_NS, limit=500) == []
    disputed = [each.id for each in live.values() if each.status is ChallengeStatus.DISPUTED]
    assert [row.id for row in await queries.disputed(limit=500)] == sorted(disputed, reverse=True)
    assert disputed
    for who in (*lives.customers, lives.judge):
        mine = await queries.customers_own(who, limit=500)
        assert [row.id for row in mine] == sorted({row.id for row in mine}, reverse=True)
        parties = [
            challenge.id
            for challenge in live.values()
            if who in (challenge.terms.customer, challenge.acceptor, challenge.terms.resolver)
        ]
        assert {row.id for row in mine if row.id in live} == set(parties)
        assert await queries.customers_own(who, before=mine[0].id, limit=1) == mine[1:2]
    assert await queries.challenge(ChallengeId(10**9)) is None


async def test_what_was_booked_stays_to_be_read(stage: Stage, database: Database) -> None:
    ann, bob, judge = [await stage.customer(name, USD=1_000) for name in ("ann", "bob", "judge")]
    queries = ChallengeQueries(database)
    expires_at = time.time_ns() + HOUR_NS
    words = OfferChallenge(ann, "t", Side.LAY, 300, 100, "USD", expires_at, False, resolver=judge, fee_bps=1_000)
    offered = await stage.submit(words)
    challenge = ChallengeId(offered.seq)
    accepted = await stage.submit(AcceptChallenge(challenge, bob))
    assert accepted.events[0] == ChallengeAccepted(challenge, bob)
    await stage.submit(RuleChallenge(challenge, Outcome.WON))
    stored = await queries.challenge(challenge)
    assert stored is not None
    assert (stored.offered_at, stored.accepted_at) == (offered.at, accepted.at)
    assert (stored.challenger_name, stored.acceptor_name, stored.resolver_name) == ("ann", "bob", "judge")
    assert stored.settled is not None
    assert (stored.settled.backer_profit_minor, stored.settled.layer_profit_minor) == (200, -200)
    assert (stored.settled.fee_minor, stored.outcome, stored.ended_at) == (20, None, stage.sequencer.house.at)


async def test_challenges_on_an_archived_market_are_history(stage: Stage) -> None:
    lives = Lives(stage, 6)
    await lives.begin()
    await lives.go_on(3)
    await stage.submit(RemoveRunner(lives.markets[0], RunnerId(4), 0))
    await calm(stage)
    assert stage.sequencer.house.challenges.on_market(lives.markets[0])
    await stage.submit(SettleMarket(lives.markets[0], (RunnerId(1),)))
    await calm(stage)
    assert stage.sequencer.house.challenges.on_market(lives.markets[0]) == [], "what is booked is forgotten"
    # A market can be corrected for a day; this one is not that young any more.
    stage.sequencer.house.exchange.markets[lives.markets[0]].settled_at = 0
    await stage.submit(ArchiveMarket(lives.markets[0]))
    assert stage.sequencer.house.challenges.on_market(lives.markets[0]) == []
    await calm(stage)
