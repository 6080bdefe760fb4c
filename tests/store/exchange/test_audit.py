"""The audit of the exchange: sound tables pass, live or long over, and whatever is tampered with is named."""

import asyncio
import time

import asyncpg
import pytest

from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    OfferChallenge,
    ResolveChallenge,
    RuleChallenge,
)
from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    ArchiveMarket,
    CancelOrder,
    CreateMarket,
    PlaceOrder,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    TurnInPlay,
)
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.exchange import MarketCreated
from evens.core.values.betting import MarketTerms, Outcome, Persistence, Side
from evens.core.values.ids import ChallengeId, CustomerId, MarketId, OrderId, RunnerId
from evens.store.auditing import audit as audit_module
from evens.store.auditing.audit import audit
from tests.conftest import Stage

pytestmark = pytest.mark.anyio

HOUR_NS = 3_600 * 10**9


async def market(stage: Stage, bet_delay_ms: int = 0) -> MarketId:
    terms = MarketTerms("Winner", ("Ann", "Bo", "Cy"), 1, 0, 100, 500, bet_delay_ms)
    created = (await stage.submit(CreateMarket("USD", terms))).events[0]
    assert isinstance(created, MarketCreated)
    return created.market


def challenge(customer: CustomerId, tied: MarketId | None, judge: CustomerId) -> OfferChallenge:
    """Return an offer of 10.00 USD at 2.00, on a market's first runner or on a judge's word."""
    decided = (None, None, judge) if tied is None else (tied, RunnerId(1), None)
    expires_at = time.time_ns() + HOUR_NS
    return OfferChallenge(customer, "t", Side.BACK, 200, 1_000, "USD", expires_at, False, *decided, 200, 3_600_000)


async def calm(stage: Stage) -> None:
    """Let the house do all that it has to do at once."""
    agenda = stage.sequencer.house.agenda
    async with asyncio.timeout(30):
        while (due_at := agenda.next_due_at()) is not None and due_at < time.time_ns():
            await stage.submit(DefineCurrency("USD", 2))


async def live(stage: Stage) -> None:
    """Use everything: a market that is over and forgotten, one that is settled, one that is traded."""
    ann, bob, judge = [await stage.customer(name, USD=500_00) for name in ("ann", "bob", "judge")]
    old, settled, traded = await market(stage), await market(stage), await market(stage, 3_600_000)
    for each in (old, settled, traded):
        await stage.submit(PlaceOrder(ann, each, RunnerId(1), Side.LAY, 300, 1_000, persistence=Persistence.PERSIST))
        await stage.submit(PlaceOrder(ann, each, RunnerId(2), Side.LAY, 400, 1_000))
        await stage.submit(PlaceOrder(bob, each, RunnerId(1), Side.BACK, 300, 400, client_ref="mine"))
        taken = await stage.submit(challenge(ann, each, judge))
        await stage.submit(AcceptChallenge(ChallengeId(taken.seq), bob))
    await stage.submit(RemoveRunner(settled, RunnerId(3), 1_000))
    await calm(stage)
    commands: list[Command] = [
        ResumeMarket(settled),
        SettleMarket(old, (RunnerId(1),)),
        SettleMarket(settled, (RunnerId(2),)),
    ]
    for command in commands:
        await stage.submit(command)
        await calm(stage)
    await stage.submit(SettleMarket(settled, (RunnerId(1),), correction=True))
    await stage.submit(TurnInPlay(traded))
    await calm(stage)
    delayed = await stage.submit(PlaceOrder(bob, traded, RunnerId(2), Side.BACK, 300, 500))
    await stage.submit(CancelOrder(bob, OrderId(delayed.seq), 100))
    await decide(stage, ann, bob, judge)
    # A market can be corrected for a day; this one is not that young any more.
    stage.sequencer.house.exchange.markets[old].settled_at = 0
    await stage.submit(ArchiveMarket(old))
    assert list(stage.sequencer.house.exchange.markets) == [settled, traded]


async def decide(stage: Stage, ann: CustomerId, bob: CustomerId, judge: CustomerId) -> None:
    """Offer challenges on a judge's word, and let each of them end, or wait, in another way."""
    offered = [ChallengeId((await stage.submit(challenge(ann, None, judge))).seq) for _ in range(5)]
    await stage.submit(CancelChallenge(offered[0], ann))
    for each in offered[2:]:
        await stage.submit(AcceptChallenge(each, bob))
    for each in offered[3:]:
        await stage.submit(ResolveChallenge(each, judge, Outcome.WON))
    await stage.submit(DisputeChallenge(offered[4], bob))
    await stage.submit(RuleChallenge(offered[4], Outcome.LOST))


@pytest.mark.parametrize("page", [1, 7, 20_000])
async def test_sound_tables_pass_however_the_journal_is_cut_into_pages(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    await live(stage)
    monkeypatch.setattr(audit_module, "_PAGE", page)
    report = await audit(stage.dsns.app)
    assert report.problems == []
    assert report.records == stage.sequencer.house.seq


_OLD = "(SELECT min(id) FROM evens.markets)"
_NEW = "(SELECT max(id) FROM evens.markets)"


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        (f"UPDATE evens.markets SET created_at = created_at + 1 WHERE id = {_OLD}", "markets:"),
        (f"UPDATE evens.markets SET shares = '{{2,1}}' WHERE id = {_OLD}", "markets:"),
        (f"UPDATE evens.markets SET terms = jsonb_set(terms, '{{commission_bps}}', '0') WHERE id = {_OLD}", "markets:"),
        (f"UPDATE evens.markets SET removals = removals || 2 || 0 WHERE id = {_NEW}", "markets:"),
        (f"UPDATE evens.markets SET status = 99 WHERE id = {_NEW}", "markets:"),
        (f"DELETE FROM evens.markets WHERE id = {_OLD}", "markets:"),
        ("INSERT INTO evens.markets (id, currency_number, terms, created_at) VALUES (99999, 1, '{}', 1)", "markets:"),
        ("UPDATE evens.orders SET matched_value = matched_value + 1 WHERE NOT open", "orders:"),
        ("UPDATE evens.orders SET client_ref = 'his' WHERE client_ref = 'mine'", "orders:"),
        ("UPDATE evens.orders SET odds = odds + 1 WHERE open", "orders:"),
        ("UPDATE evens.orders SET placed_at = placed_at - 1 WHERE due_at IS NOT NULL", "orders:"),
        ("DELETE FROM evens.orders WHERE NOT open", "orders:"),
        (f"UPDATE evens.matches SET odds = odds + 1 WHERE market = {_OLD}", "matches:"),
        ("DELETE FROM evens.matches WHERE id = (SELECT max(id) FROM evens.matches)", "matches:"),
        ("INSERT INTO evens.matches SELECT 5, market, 1, 2, 3, 4, 5, 6, 7, 1 FROM evens.matches LIMIT 1", "matches:"),
        (f"UPDATE evens.runner_totals SET matched = matched + 1 WHERE market = {_OLD}", "runner_totals:"),
        (f"UPDATE evens.runner_totals SET last_odds = 2 WHERE market = {_NEW}", "runner_totals:"),
        (f"UPDATE evens.positions SET value = value + 1 WHERE market = {_OLD}", "positions:"),
        ("INSERT INTO evens.positions VALUES (99999, 1, 1, 0, 0)", "positions: market 99999"),
        (f"UPDATE evens.settlements SET profit = profit + 1 WHERE market = {_OLD}", "settlements:"),
        ("UPDATE evens.settlements SET commission = commission + 1 WHERE settlement = 1", "settlements:"),
        ("DELETE FROM evens.settlements WHERE settlement = 2", "settlements:"),
        ("INSERT INTO evens.settlements VALUES (99999, 1, 1, 0, 0)", "settlements: market 99999"),
        ("UPDATE evens.challenges SET title = 'other' WHERE status = 6", "challenges:"),
        ("UPDATE evens.challenges SET outcome = 2 WHERE disputed_by IS NOT NULL", "challenges:"),
        ("UPDATE evens.challenges SET payable_at = payable_at + 1 WHERE status = 3", "challenges:"),
        ("UPDATE evens.challenges SET expires_at = expires_at + 1 WHERE status = 1", "challenges:"),
        ("UPDATE evens.challenges SET acceptor = 1 WHERE status = 2", "challenges:"),
        (f"UPDATE evens.challenges SET ended_at = 1 WHERE market = {_OLD}", "challenges:"),
        ("DELETE FROM evens.challenges WHERE status = 6", "challenges:"),
        ("UPDATE evens.challenge_settlements SET fee = fee + 1 WHERE settlement = 0", "challenge_settlements:"),
        ("UPDATE evens.challenge_settlements SET fee = fee + 1 WHERE settlement = 2", "challenge_settlements:"),
        ("DELETE FROM evens.challenge_settlements WHERE settlement = 1", "challenge_settlements:"),
        (
            "INSERT INTO evens.challenge_settlements VALUES (99999, 1, 1, 0, 0, 0)",
            "challenge_settlements: challenge 99999",
        ),
    ],
)
async def test_tampering_is_named(stage: Stage, tampering: str, named: str) -> None:
    await live(stage)
    owner = await asyncpg.connect(stage.dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    done = await owner.fetchval(f"WITH t AS ({tampering} RETURNING 1) SELECT count(*) FROM t")
    await owner.close()

    report = await audit(stage.dsns.app)

    assert done >= 1
    assert report.problems
    assert report.problems[0].startswith(named), report.problems
