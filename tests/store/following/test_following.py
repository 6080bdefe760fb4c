"""Follows and copies in the tables: what is loaded is what was live, and the audit names what is tampered with."""

import asyncio

import asyncpg
import pytest

from evens.core.commands.following import ChargeFee, EndFollow, PauseFollow, SettleCopy, SkipBets
from evens.core.commands.wallets import Deposit, Withdraw
from evens.core.events.following import BetCopied
from evens.core.events.ledger import Rejected
from evens.core.following import skipping
from evens.core.values.following import SkippedBets, SkipReason
from evens.core.values.ids import Rail
from evens.core.values.records import RecordProduct
from evens.store.auditing.audit import audit
from evens.store.database import Database
from evens.store.following.over import CopiesOver
from evens.store.journal import connect
from evens.store.loading import load_house
from tests.conftest import Dsns, Stage
from tests.store.exchange.test_exchange import agrees, market, terms
from tests.store.following.circle import Circle, copying, everything_followed

pytestmark = pytest.mark.anyio

TAMPERINGS: dict[str, tuple[str, ...]] = {
    "follows": (
        "UPDATE evens.follows SET used = used + 1 WHERE status = 1",
        "UPDATE evens.follows SET result = result + 1 WHERE status = 2",
        "UPDATE evens.follows SET daily_cap = daily_cap + 1 WHERE status = 3",
        "DELETE FROM evens.follows WHERE status = 2",
        "UPDATE evens.follows SET fees_paid = fees_paid - 1 WHERE fees_paid > 0",
        "UPDATE evens.follows SET high_water = high_water + 1 WHERE fees_paid > 0",
        "UPDATE evens.follows SET performance_fee_bps = performance_fee_bps + 1 WHERE fees_paid > 0",
    ),
    "skipped_bets": (
        "UPDATE evens.skipped_bets SET count = count + 1 WHERE reason = 5",
        "UPDATE evens.skipped_bets SET first = first - 1 WHERE reason = 8",
        "UPDATE evens.skipped_bets SET reason = 2 WHERE reason = 8",
        "DELETE FROM evens.skipped_bets WHERE reason = 5",
    ),
    "copies": (
        "UPDATE evens.copies SET stake = stake + 1 WHERE reason IS NULL",
        "UPDATE evens.copies SET result = result + 1 WHERE result IS NOT NULL",
        "UPDATE evens.copies SET open_risk = open_risk + 1 WHERE settlements = 0 AND reason IS NULL",
        "UPDATE evens.copies SET reason = reason + 1 WHERE reason IS NOT NULL",
        "UPDATE evens.copies SET refusal = 'x' WHERE reason IS NOT NULL",
        "DELETE FROM evens.copies WHERE reason IS NOT NULL",
        "DELETE FROM evens.copies WHERE reason IS NULL",
    ),
}


async def test_what_is_loaded_is_what_was_live_whatever_became_of_follows(stage: Stage) -> None:
    circle = Circle(stage)
    follows = await everything_followed(circle)
    await agrees(stage)
    live = stage.sequencer.house.following
    # The one that has ended has an open copy, so it is still known, but may begin anew.
    assert sorted(live.by_id) == sorted(follows.values())
    assert len(live.by_pair) == len(follows) - 1
    assert live.by_id[follows["corrected"]].skipped_up_to
    assert not live.by_id[follows["ended"]].skipped_up_to
    assert (await audit(stage.dsns.app)).problems == []


async def test_a_follow_that_has_ended_is_forgotten_once_its_last_copy_is_settled(stage: Stage) -> None:
    circle = Circle(stage)
    leader, other, bob = [await stage.customer(name, USD=1_000_00) for name in ("ann", "cid", "bob")]
    on = await market(stage, terms())
    follow = await circle.follow(bob, leader)
    copied = await circle.copy(follow, await circle.matched(leader, other, on))
    assert isinstance(copied, BetCopied)
    await circle.done(EndFollow(bob, follow))
    await agrees(stage)
    await circle.done(SettleCopy(follow, copied.copy, 1, copied.risk_minor, 0, None, -copied.risk_minor))
    assert follow not in stage.sequencer.house.following.by_id
    await agrees(stage)
    assert (await audit(stage.dsns.app)).problems == []


async def test_a_follow_that_owes_a_fee_is_known_until_it_is_paid(stage: Stage, database: Database) -> None:
    circle, due = Circle(stage), CopiesOver(database)
    leader, other, bob = [await stage.customer(name, USD=1_000_00) for name in ("ann", "cid", "bob")]
    on = await market(stage, terms())
    follow = await circle.follow(bob, leader, fee_bps=1_000)
    copied = await circle.copy(follow, await circle.matched(leader, other, on))
    assert isinstance(copied, BetCopied)
    await circle.done(EndFollow(bob, follow))
    await circle.done(Withdraw(bob, "USD", 1_000_00 - copied.risk_minor, Rail.DESK))
    await circle.done(SettleCopy(follow, copied.copy, 1, copied.risk_minor, 0, None, 50_00))
    assert follow in stage.sequencer.house.following.by_id
    await agrees(stage)
    # Who has nothing is not asked for it again and again.
    assert await due.fees_due() == []
    await circle.done(Deposit(bob, "USD", 8_00, Rail.DESK))
    assert await due.fees_due() == [follow]
    await circle.done(ChargeFee(follow))
    assert follow not in stage.sequencer.house.following.by_id
    assert await due.fees_due() == []
    await agrees(stage)
    assert (await audit(stage.dsns.app)).problems == []


async def test_what_happens_to_follows_in_one_batch_is_stored_as_if_it_had_come_one_by_one(
    stage: Stage, dsns: Dsns
) -> None:
    circle = Circle(stage)
    leader, other, bob, eve = [await stage.customer(name, USD=1_000_00) for name in ("ann", "cid", "bob", "eve")]
    on = await market(stage, terms())
    bobs, eves = [await circle.follow(customer, leader, fee_bps=1_000) for customer in (bob, eve)]
    first, second, third = [await circle.matched(leader, other, on) for _ in range(3)]
    copied = await circle.copy(bobs, first)
    assert isinstance(copied, BetCopied)
    together = [
        copying(bobs, second),
        SettleCopy(bobs, copied.copy, 1, copied.risk_minor, 0, None, 30_00),
        copying(bobs, third),
        PauseFollow(bob, bobs),
        copying(eves, third),
    ]
    named = [(bytes([number] * 16), command) for number, command in enumerate(together)]
    answers = await asyncio.gather(*stage.inbox.submit_all(named, actor="copier", background=True))
    assert not any(isinstance(receipt.events[0], Rejected) for receipt, _ in answers)
    await agrees(stage)
    assert (await audit(stage.dsns.app)).problems == []
    owner = await asyncpg.connect(dsns.owner)
    columns = "used, day_used, result, high_water, fees_paid, status"
    try:
        rows = await owner.fetch(f"SELECT {columns} FROM evens.follows ORDER BY id")
        assert [tuple(row) for row in rows] == [(10_00, 15_00, 30_00, 25_00, 2_50, 2), (5_00, 5_00, 0, 0, 0, 1)]
        with pytest.raises(asyncpg.DataCorruptedError, match="of 2 follows, 1 are there"):
            await owner.execute(
                "SELECT evens.use_follows($1, $2, $3, $2, $2, $2, $2)", [bobs, 10**9], [None] * 2, [None] * 2
            )
    finally:
        await owner.close()


async def test_the_database_lets_no_leader_have_more_than_their_share_of_the_mark(stage: Stage, dsns: Dsns) -> None:
    await everything_followed(Circle(stage))
    owner = await asyncpg.connect(dsns.owner)
    try:
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute("UPDATE evens.follows SET fees_paid = fees_paid + 1 WHERE fees_paid > 0")
    finally:
        await owner.close()


async def test_every_tampering_is_named(stage: Stage, dsns: Dsns) -> None:
    await everything_followed(Circle(stage))
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    try:
        for table, tamperings in TAMPERINGS.items():
            kept = await owner.fetch(f"SELECT * FROM evens.{table}")
            for tampering in tamperings:
                assert await owner.execute(tampering) not in ("UPDATE 0", "DELETE 0"), tampering
                problems = (await audit(dsns.app)).problems
                assert any(problem.startswith(f"{table}:") for problem in problems), (tampering, problems)
                await owner.execute(f"DELETE FROM evens.{table}")
                await owner.copy_records_to_table(table, schema_name="evens", records=[tuple(row) for row in kept])
    finally:
        await owner.close()
    assert (await audit(dsns.app)).problems == []


async def test_the_audit_reports_a_match_that_was_both_copied_and_skipped(stage: Stage) -> None:
    circle = Circle(stage)
    leader, other, bob = [await stage.customer(name, USD=1_000_00) for name in ("ann", "cid", "bob")]
    on = await market(stage, terms())
    follow = await circle.follow(bob, leader)
    matched = await circle.matched(leader, other, on)
    assert isinstance(await circle.copy(follow, matched), BetCopied)
    bets = SkippedBets(follow, SkipReason.EXPIRED, matched.match, matched.match, 1)
    await circle.done(SkipBets(RecordProduct.EXCHANGE, (bets,)))
    (problem,) = (await audit(stage.dsns.app)).problems
    assert problem.startswith("skipped_bets: ")
    assert str(follow) in problem


async def test_the_audit_reports_a_match_that_two_records_skipped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = Circle(stage)
    leader, other, bob = [await stage.customer(name, USD=1_000_00) for name in ("ann", "cid", "bob")]
    on = await market(stage, terms())
    follow = await circle.follow(bob, leader)
    first, last = [(await circle.matched(leader, other, on)).match for _ in range(2)]
    monkeypatch.setattr(skipping, "_is_wrong", _nothing_is_wrong)
    for bets in (
        SkippedBets(follow, SkipReason.LOOP, first, last, 2),
        SkippedBets(follow, SkipReason.LOOP, last, last, 1),
    ):
        await circle.done(SkipBets(RecordProduct.EXCHANGE, (bets,)))
    (problem,) = (await audit(stage.dsns.app)).problems
    assert problem.startswith("skipped_bets: ")
    assert str(follow) in problem


async def test_the_audit_reports_bets_that_the_copier_passed_without_an_outcome(stage: Stage, dsns: Dsns) -> None:
    circle = Circle(stage)
    leader, other, bob, cid = [await stage.customer(name, USD=1_000_00) for name in ("ann", "eve", "bob", "cid")]
    on = await market(stage, terms())
    await circle.matched(leader, other, on)
    earlier, later = await circle.follow(bob, leader), await circle.follow(cid, leader)
    first, second, third = [await circle.matched(leader, other, on) for _ in range(3)]
    await circle.copy(earlier, first)
    await circle.copy(later, first)
    await circle.copy(later, second)
    skipped = SkippedBets(earlier, SkipReason.LOOP, second.match, second.match, 1)
    await circle.done(SkipBets(RecordProduct.EXCHANGE, (skipped,)))
    wire = await asyncpg.connect(dsns.owner)

    async def problems(source: int, up_to: int) -> list[str]:
        await wire.execute("DELETE FROM evens.copier_turns")
        await wire.execute("INSERT INTO evens.copier_turns VALUES ($1, 1, $2, $3)", leader, source, up_to)
        return (await audit(stage.dsns.app)).problems

    try:
        assert await problems(first.match, earlier) == []
        assert await problems(second.match, later) == []
        assert await problems(third.match, earlier - 1) == []
        (problem,) = await problems(third.match, earlier)
        assert problem.startswith("copies: ")
        assert f"follow {earlier}," in problem
        await circle.copy(earlier, third)
        assert await problems(third.match, earlier) == []
        await wire.execute("DELETE FROM evens.copier_turns")
        assert (await audit(stage.dsns.app)).problems == []
        await wire.execute("UPDATE evens.copier_place SET (seq, at) = (SELECT seq, at FROM evens.head)")
        (problem,) = (await audit(stage.dsns.app)).problems
        assert f"follow {later}," in problem
        await circle.copy(later, third)
        assert (await audit(stage.dsns.app)).problems == []
    finally:
        await wire.close()


async def test_a_match_has_one_outcome_for_a_follow_whatever_the_rules_say(stage: Stage, dsns: Dsns) -> None:
    circle = Circle(stage)
    await everything_followed(circle)
    wire = await asyncpg.connect(dsns.owner)
    try:
        with pytest.raises(asyncpg.UniqueViolationError, match="copies_of_source"):
            await wire.execute(
                "INSERT INTO evens.copies (id, follow, product, source, reason, at, waits) "
                "SELECT id + 1000000, follow, product, source, 1, at, false FROM evens.copies LIMIT 1"
            )
    finally:
        await wire.close()


async def test_only_follows_that_are_not_over_are_loaded(stage: Stage) -> None:
    circle = Circle(stage)
    ann, bob = [await stage.customer(name) for name in ("ann", "bob")]
    follow = await circle.follow(bob, ann)
    await circle.done(EndFollow(bob, follow))
    wire = await connect(stage.dsns.app, "test")
    try:
        house = await load_house(wire)
    finally:
        await wire.close()
    assert house.following.by_id == {}


def _nothing_is_wrong(*_: object) -> bool:
    return False
