"""Chores that break the rules, or that nothing comes of: set aside, and everything else goes on."""

from collections.abc import Iterator
from typing import Any

import pytest

from evens.core import kernel
from evens.core.commands.exchange import AdvanceMarket, ArchiveMarket, ReleaseOrder, SettleMarket
from evens.core.commands.wallets import RegisterCustomer
from evens.core.events.every import Event
from evens.core.events.exchange import StageFinished
from evens.core.events.ledger import Rejected
from evens.core.exchange import parts
from evens.core.kernel import HandlerFailed
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.sequencer.chores import LOOK_WAIT_S_MAX, Chores
from evens.sequencer.errors import ChoreRefused
from tests.sequencer.memory_journal import MemoryJournal
from tests.sequencer.trading import (
    DELAY_NS,
    Clock,
    chores,
    open_house,
    open_traded_market,
    place_delayed_order,
    settled,
    status,
    stores_another,
)
from tests.sequencer.writing import NOON, Writer, writing

pytestmark = pytest.mark.anyio


class Bugs:
    """What goes wrong with the markets that have something wrong: nothing, at first."""

    def __init__(self) -> None:
        self.mild: int | None = None
        self.strong: int | None = None
        self.refused: int | None = None
        self.tried = 0


@pytest.fixture
def bugs(monkeypatch: pytest.MonkeyPatch) -> Bugs:
    """Plant bugs in the rules about advancing markets."""
    bugs = Bugs()
    room, sound = kernel.HANDLERS[AdvanceMarket]

    def broken(exchange: Any, command: AdvanceMarket, seq: int, at: int) -> Iterator[Event]:
        bugs.tried += command.market in {bugs.mild, bugs.strong, bugs.refused}
        if command.market == bugs.mild:
            raise ZeroDivisionError("mild")
        if command.market == bugs.strong:
            yield StageFinished(command.market, Stage.SETTLING)
            raise ZeroDivisionError("strong")
        if command.market == bugs.refused:
            yield Rejected(SharedReason.NOTHING_CHANGES)
        else:
            yield from sound(exchange, command, seq, at)

    monkeypatch.setitem(kernel.HANDLERS, AdvanceMarket, (room, broken))
    monkeypatch.setattr(parts, "CUSTOMERS_PER_CHUNK", 1)
    return bugs


async def open_two_markets(writer: Writer) -> tuple[list[CustomerId], MarketId, MarketId]:
    """Return customers, and two markets in which they have bets."""
    customers = await open_house(writer)
    return customers, await open_traded_market(writer, customers), await open_traded_market(writer, customers)


async def is_settled(writer: Writer, market: MarketId) -> None:
    """Wait until a market is settled."""
    while status(writer, market) is not MarketStatus.SETTLED:
        await stores_another(writer)


async def goes_on(writer: Writer, names: str) -> None:
    """Make sure that customers are served, and that there is nothing left that the house would do of itself."""
    done = chores(writer)
    for name in names:
        await writer.leads()
        await writer.book(RegisterCustomer(name))
    assert chores(writer) == done
    assert writer.sequencer.house.digest() == writer.journal.disk.house().digest()


@pytest.mark.parametrize("kind", ["mild", "strong"])
@pytest.mark.parametrize("full", [0, 1])
async def test_a_chore_that_breaks_the_rules_is_tried_once_and_other_markets_go_on(
    bugs: Bugs, kind: str, full: int
) -> None:
    async with writing() as writer:
        customers, bad, good = await open_two_markets(writer)
        setattr(bugs, kind, bad)
        writer.journal.full = full
        settling_both = [writer.submit(SettleMarket(market, (RunnerId(1),))) for market in (bad, good)]
        for answer in settling_both:
            await answer
        await is_settled(writer, good)
        await goes_on(writer, "abc")
        assert bugs.tried == 1
        assert sorted(settled(writer, good)) == customers
        failures = [failure for failure in writer.diary.failures if isinstance(failure, HandlerFailed)]
        assert [str(failure) for failure in failures] == [f"deciding {AdvanceMarket(bad)!r} failed"]
        assert list(writer.journal.disk.set_aside.values()) == (
            [] if full else [f"house: {AdvanceMarket(bad)}: ZeroDivisionError('{kind}')"]
        )
        assert writer.journal.milestones.counts["loaded"] == (2 if full or kind == "strong" else 1)


async def test_a_server_with_better_rules_takes_up_what_was_set_aside(bugs: Bugs) -> None:
    async with writing() as writer:
        customers, bad, _ = await open_two_markets(writer)
        bugs.mild = bad
        await writer.book(SettleMarket(bad, (RunnerId(1),)))
        await goes_on(writer, "ab")
    bugs.mild = None
    async with writing(MemoryJournal(writer.journal.disk)) as successor:
        await is_settled(successor, bad)
        assert sorted(settled(successor, bad)) == customers


async def test_a_chore_that_is_refused_over_and_over_is_booked_once(bugs: Bugs) -> None:
    async with writing() as writer:
        _, bad, good = await open_two_markets(writer)
        bugs.refused = bad
        await writer.book(SettleMarket(bad, (RunnerId(1),)))
        await writer.book(SettleMarket(good, (RunnerId(1),)))
        await is_settled(writer, good)
        await goes_on(writer, "abc")
        assert bugs.tried == 1
        (failure,) = writer.diary.failures
        assert isinstance(failure, ChoreRefused)
        assert str(failure).startswith(f"{AdvanceMarket(bad)!r} was refused (nothing_changes)")


async def test_a_chore_that_cannot_be_stored_is_found_out_and_set_aside(bugs: Bugs) -> None:
    async with writing() as writer:
        customers, bad, good = await open_two_markets(writer)
        writer.journal.unstorable = AdvanceMarket(bad)
        settling_both = [writer.submit(SettleMarket(market, (RunnerId(1),))) for market in (bad, good)]
        for answer in settling_both:
            await answer
        await is_settled(writer, good)
        await goes_on(writer, "abc")
        assert sorted(settled(writer, good)) == customers
        (set_aside,) = writer.journal.disk.set_aside.values()
        assert set_aside.startswith(f"house: {AdvanceMarket(bad)}: ValueError")
        assert writer.journal.milestones.counts["loaded"] == 3


async def test_a_market_that_is_stuck_keeps_nobody_from_waiting_for_a_due_time(bugs: Bugs) -> None:
    clock = Clock()
    async with writing(clock=clock) as writer:
        customers, bad, _ = await open_two_markets(writer)
        placed = await place_delayed_order(writer, customers[0])
        bugs.mild = bad
        await writer.book(SettleMarket(bad, (RunnerId(1),)))
        await goes_on(writer, "ab")
        clock.now += 2 * DELAY_NS
        await writer.book(RegisterCustomer("c"))
        assert chores(writer)[-1].command == ReleaseOrder(placed.order)
        assert AdvanceMarket(bad) in writer.sequencer.house.agenda.long_work


async def test_nobody_looks_without_a_pause_for_what_was_set_aside() -> None:
    async with writing() as writer:
        _, bad, _ = await open_two_markets(writer)
        await writer.book(SettleMarket(bad, (RunnerId(1),)))
        writer.sequencer.stop()
        await writer.running
        house = writer.journal.disk.house()
        offers = Chores(lambda: NOON, due_max=10)
        assert offers.wait_s(house) == 0
        assert [offered.command for offered in offers.take(house)] == [AdvanceMarket(bad)]
        offers.exclude(AdvanceMarket(bad))
        assert offers.wait_s(house) is None
        assert offers.take(house) == []
        house.agenda.schedule(house.at + 10**12, bad, ArchiveMarket(bad))
        assert offers.wait_s(house) == LOOK_WAIT_S_MAX
        house.agenda.schedule(house.at + 10**8, bad, ArchiveMarket(bad))
        assert offers.wait_s(house) == pytest.approx(0.1)
