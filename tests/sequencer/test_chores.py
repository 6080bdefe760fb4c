"""Chores: what the house has to do of itself is done, a part at a time, whoever else asks for something."""

import asyncio
import gc
from typing import Any

import pytest

from evens.core.commands.exchange import AdvanceMarket, ArchiveMarket, CancelOrder, ReleaseOrder, SettleMarket
from evens.core.commands.wallets import RegisterCustomer
from evens.core.events.exchange import MarketArchived, OrderReleased
from evens.core.exchange import parts
from evens.core.exchange.state import CORRECTION_WINDOW_NS
from evens.core.values.betting import MarketStatus
from evens.core.values.ids import RunnerId
from evens.sequencer import chores as chores_module
from evens.sequencer.chores import PARTS_PER_BATCH_MAX
from tests.sequencer.memory_journal import MemoryJournal, Trouble
from tests.sequencer.trading import (
    CUSTOMERS,
    DELAY_NS,
    Clock,
    chores,
    has_nothing_to_advance,
    open_house,
    open_traded_market,
    place_delayed_order,
    settled,
    status,
    stores_another,
)
from tests.sequencer.writing import writing

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each part of a market's work deal with one customer."""
    monkeypatch.setattr(parts, "CUSTOMERS_PER_CHUNK", 1)


async def test_a_market_is_settled_without_anybody_asking_for_each_part() -> None:
    async with writing() as writer:
        customers = await open_house(writer)
        market = await open_traded_market(writer, customers)
        await writer.book(SettleMarket(market, (RunnerId(1),)))
        await has_nothing_to_advance(writer)
        assert status(writer, market) is MarketStatus.SETTLED
        assert sorted(settled(writer, market)) == customers
        done = chores(writer)
        assert {receipt.command for receipt in done} == {AdvanceMarket(market)}
        assert len({receipt.command_id for receipt in done}) == len(done) > CUSTOMERS
        assert all(len([each for each in batch if each in done]) <= 1 for batch in writer.journal.batches)
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


async def test_other_commands_are_answered_between_the_parts() -> None:
    async with writing() as writer:
        market = await open_traded_market(writer, await open_house(writer))
        await writer.book(SettleMarket(market, (RunnerId(1),)))
        answered = [(await writer.book(RegisterCustomer(name))).seq for name in ("x", "y")]
        await has_nothing_to_advance(writer)
        parts = [receipt.seq for receipt in chores(writer)]
        assert answered[0] < answered[1] < parts[-1]
        assert any(answered[0] < part < answered[1] for part in parts)


async def test_many_markets_take_turns_a_few_in_each_batch() -> None:
    async with writing() as writer:
        customers = await open_house(writer)
        count = 2 * PARTS_PER_BATCH_MAX + 1
        markets = [await open_traded_market(writer, customers) for _ in range(count)]
        answers = [writer.submit(SettleMarket(market, (RunnerId(1),))) for market in markets]
        await asyncio.gather(*answers)
        await has_nothing_to_advance(writer)
        assert {status(writer, market) for market in markets} == {MarketStatus.SETTLED}
        done = chores(writer)
        assert max(sum(each in done for each in batch) for batch in writer.journal.batches) == PARTS_PER_BATCH_MAX
        first_parts = done[: count + PARTS_PER_BATCH_MAX]
        assert {receipt.command for receipt in first_parts} == set(map(AdvanceMarket, markets))


@pytest.mark.parametrize("trouble", list(Trouble))
@pytest.mark.parametrize("parts_done", [0, 3])
async def test_a_journal_lost_in_the_middle_of_long_work_does_not_stop_it(trouble: Trouble, parts_done: int) -> None:
    warnings: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: warnings.append(context))
    async with writing() as writer:
        customers = await open_house(writer)
        market = await open_traded_market(writer, customers)
        writer.journal.troubles.extend([None] * (1 + parts_done) + [trouble])
        await writer.book(SettleMarket(market, (RunnerId(1),)))
        await has_nothing_to_advance(writer)
        assert writer.journal.milestones.counts["loaded"] == 2
        assert sorted(settled(writer, market)) == customers
        assert status(writer, market) is MarketStatus.SETTLED
        writer.journal.disk.house().check()
    # The failures hold on to the frames that they came through, and these to the chores.
    writer.diary.failures.clear()
    gc.collect()
    assert warnings == []


async def test_a_server_that_starts_goes_on_where_another_one_stopped() -> None:
    async with writing() as writer:
        customers = await open_house(writer)
        market = await open_traded_market(writer, customers)
        await writer.book(SettleMarket(market, (RunnerId(1),)))
        await stores_another(writer)
    disk = writer.journal.disk
    assert disk.house().agenda.long_work
    async with writing(MemoryJournal(disk)) as successor:
        await has_nothing_to_advance(successor)
        assert sorted(settled(successor, market)) == customers


async def test_a_delayed_order_is_released_when_its_time_has_come_and_not_before() -> None:
    clock = Clock()
    async with writing(clock=clock) as writer:
        customers = await open_house(writer)
        placed = await place_delayed_order(writer, customers[0])
        assert placed.due_at is not None
        before = len(chores(writer))
        clock.now = placed.due_at - 1
        await writer.book(RegisterCustomer("early"))
        assert len(chores(writer)) == before
        clock.now = placed.due_at
        late = await writer.book(RegisterCustomer("late"))
        (released,) = chores(writer)[before:]
        assert released.command == ReleaseOrder(placed.order)
        assert released.events == (OrderReleased(placed.order, placed.market),)
        assert placed.due_at <= released.at < late.at
        assert writer.journal.batches[-1][0] is released


async def test_a_delayed_order_is_released_though_nobody_asks_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores_module, "LOOK_WAIT_S_MAX", 0.001)
    clock = Clock()
    async with writing(clock=clock) as writer:
        customers = await open_house(writer)
        placed = await place_delayed_order(writer, customers[0])
        clock.now += DELAY_NS + 10**9
        await stores_another(writer)
        assert chores(writer)[-1].events == (OrderReleased(placed.order, placed.market),)


async def test_a_clock_that_jumps_back_in_between_does_not_undo_that_an_order_was_due() -> None:
    clock = Clock()
    async with writing(clock=clock) as writer:
        customers = await open_house(writer)
        placed = await place_delayed_order(writer, customers[0])
        assert placed.due_at is not None
        clock.readings = [placed.due_at, placed.due_at - 10**9]
        await writer.book(RegisterCustomer("bob"))
        assert chores(writer)[-1].events == (OrderReleased(placed.order, placed.market),)
        assert chores(writer)[-1].at == placed.due_at


async def test_what_no_longer_matters_when_its_time_comes_is_not_done() -> None:
    clock = Clock()
    async with writing(clock=clock) as writer:
        customers = await open_house(writer)
        placed = await place_delayed_order(writer, customers[0])
        before = chores(writer)
        await writer.book(CancelOrder(customers[0], placed.order))
        clock.now += 2 * DELAY_NS
        await writer.book(RegisterCustomer("bob"))
        await writer.book(RegisterCustomer("carl"))
        assert chores(writer) == before


async def test_a_settled_market_is_archived_when_it_can_no_longer_be_corrected() -> None:
    clock = Clock()
    async with writing(clock=clock) as writer:
        market = await open_traded_market(writer, await open_house(writer))
        await writer.book(SettleMarket(market, (RunnerId(1),)))
        await has_nothing_to_advance(writer)
        clock.now += CORRECTION_WINDOW_NS + 10**9
        await writer.book(RegisterCustomer("bob"))
        assert chores(writer)[-1].command == ArchiveMarket(market)
        assert chores(writer)[-1].events == (MarketArchived(market),)


async def test_a_server_that_waits_for_a_due_time_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores_module, "LOOK_WAIT_S_MAX", 3600)
    async with writing(patience_s=3) as writer:
        customers = await open_house(writer)
        placed = await place_delayed_order(writer, customers[0])
        assert writer.sequencer.house.agenda.next_due_at() == placed.due_at
        writer.sequencer.stop()
        await writer.running
        assert chores(writer)[-1].command == AdvanceMarket(placed.market)


async def test_a_server_in_the_middle_of_long_work_stops_after_the_commit_under_way() -> None:
    async with writing() as writer:
        market = await open_traded_market(writer, await open_house(writer))
        await writer.book(SettleMarket(market, (RunnerId(1),)))
        gate = writer.journal.stall()
        await gate.entered.wait()
        writer.sequencer.stop()
        gate.open()
        await writer.running
        assert AdvanceMarket(market) in writer.journal.disk.house().agenda.long_work
        assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()
