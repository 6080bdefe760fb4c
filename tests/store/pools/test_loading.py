"""The pools in the tables: a house loaded at any place of the journal is the one that was there then."""

import asyncpg
import pytest

from evens.core.commands.pools import ArchiveRound, LockRound, SettleRound
from evens.core.events.ledger import Rejected
from evens.core.events.pools import RoundArchived, RoundRecalled, StakesRecalled, StakesSettled
from evens.core.ledger.reasons import SharedReason
from evens.core.pools import settling
from evens.core.pools.reasons import PoolReason
from evens.core.values.ids import AccountClass, RoundId, account_id
from evens.core.values.pools import RoundResult
from evens.store.auditing import audit as audit_module
from evens.store.auditing.audit import audit
from evens.store.projections import PROJECTORS
from tests.conftest import Stage
from tests.store.fixed_odds.replaying import check_every_place, recorded
from tests.store.pools.series import DOWN, UP, Series, everything_in_pools

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut everything into parts of two customers, so that every stage has a middle."""
    monkeypatch.setattr(settling, "CUSTOMERS_PER_PART", 2)
    monkeypatch.setattr(settling, "RECALLED_PER_PART", 2)


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
async def test_a_house_loaded_after_any_batch_is_the_one_that_was_there_then(stage: Stage, at_once: int) -> None:
    await everything_in_pools(Series(stage))
    happened = [event for receipt in await recorded(stage.dsns) for event in receipt.events]
    kinds = {type(event).__name__ for event in happened}
    known = {kind.__name__ for kind in PROJECTORS if kind.__module__.endswith(".pools")}
    assert known - kinds == {"RoundArchived", "RoundRecalled"}
    assert max(event.settlement for event in happened if isinstance(event, StakesSettled)) == 4
    # Five customers come back two at a time, and an empty answer says that all are there.
    assert sum(isinstance(event, StakesRecalled) for event in happened) == 9
    await check_every_place(stage, at_once)
    assert (await audit(stage.dsns.app)).problems == []


async def test_a_thrice_corrected_round_leaves_everybody_with_what_its_last_result_pays(stage: Stage) -> None:
    series = Series(stage)
    customers = [await stage.customer(f"p{number}", USDC=1_000_000) for number in range(2)]
    pool = await series.create("ndx-daily")
    known = await series.open(pool, "20250106")
    for customer, side, minor in ((customers[0], UP, 10_000), (customers[1], DOWN, 7_001)):
        await series.stake(customer, pool, side, minor)
    await series.done(LockRound(known))
    for result, cash in (
        # 125 bp of 7,001 are 87; of 10,000 they are 125.
        (RoundResult.UP, [1_006_914, 992_999]),
        (RoundResult.DOWN, [990_000, 1_009_875]),
        (RoundResult.VOID, [1_000_000, 1_000_000]),
        (RoundResult.UP, [1_006_914, 992_999]),
    ):
        is_correction = stage.sequencer.house.pools.rounds[known].result is not None
        await series.done(SettleRound(known, result, correction=is_correction))
        ledger = stage.sequencer.house.ledger
        number = ledger.currencies["USDC"].number
        assert [ledger.balance_minor(account_id(each, number, AccountClass.CASH)) for each in customers] == cash


@pytest.mark.parametrize("page", [7, 20_000])
async def test_the_audit_agrees_also_after_rounds_are_archived(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    rounds = await everything_in_pools(series := Series(stage))
    monkeypatch.setattr(audit_module, "_PAGE", page)
    assert (await audit(stage.dsns.app)).problems == []
    corrected, voided = rounds["20250106"], rounds["20250107"]
    # A round that was settled again since stays until its last result is old.
    early = await stage.submit(ArchiveRound(corrected, 3))
    assert isinstance(early.events[0], Rejected)
    for archived, settlement in ((corrected, 4), (voided, 1)):
        assert (await stage.submit(ArchiveRound(archived, settlement))).events == (RoundArchived(archived),)
        await series.calm()
        assert (await audit(stage.dsns.app)).problems == []
    for number, result in ((corrected, RoundResult.DOWN), (voided, RoundResult.UP)):
        late = await stage.submit(SettleRound(number, result, correction=True))
        assert isinstance(late.events[0], RoundRecalled)
        # While it is corrected, too.
        assert (await audit(stage.dsns.app)).problems == []
        await series.calm()
        assert (await audit(stage.dsns.app)).problems == []
    assert (await stage.submit(ArchiveRound(voided, 2))).events == (RoundArchived(voided),)
    for number in (voided, RoundId(2**40)):
        refused = (await stage.submit(SettleRound(number, RoundResult.UP))).events
        reason = SharedReason.NOTHING_CHANGES if number == voided else PoolReason.ROUND_UNKNOWN
        assert refused == (Rejected(reason),)
    await check_every_place(stage, 7)
    assert (await audit(stage.dsns.app)).problems == []


async def test_what_is_changed_behind_the_houses_back_is_named(stage: Stage) -> None:
    rounds = await everything_in_pools(Series(stage))
    owner = await asyncpg.connect(stage.dsns.owner)
    for table, change, back in (
        ("rounds", "fee = fee + 1", "fee = fee - 1"),
        ("round_sides", "staked = staked + 1", "staked = staked - 1"),
        ("pool_bets", "side = 3 - side", "side = 3 - side"),
        ("stakes_settled", "returned = returned + 1", "returned = returned - 1"),
        ("round_results", "result = 4 - result", "result = 4 - result"),
    ):
        which = f"{'id' if table == 'rounds' else 'round'} = {rounds['20250106']}"
        await owner.execute(f"UPDATE evens.{table} SET {change} WHERE {which}")
        problems = (await audit(stage.dsns.app)).problems
        assert problems, table
        assert any(table in problem for problem in problems), problems
        await owner.execute(f"UPDATE evens.{table} SET {back} WHERE {which}")
    # A row that no record leaves.
    await owner.execute("INSERT INTO evens.round_results VALUES (77, 1, 1, '{}', NULL, 1)")
    assert any("round_results" in problem for problem in (await audit(stage.dsns.app)).problems)
    await owner.close()
