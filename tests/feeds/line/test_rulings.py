"""What an operator decides about a market stands, whatever its provider repeats, after a start as before it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import CancelBets, CloseConflict, DeclareResults, RollBackResults, VoidFixture
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.ledger import Rejected
from evens.core.values.fixed_odds import FixtureStatus, LegResult, LineMarket, LineSelection, SelectionResult
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.sayings import EVERYTHING, Header, Saying, Window
from evens.feeds.line.wanted import canonical
from evens.program.in_process import InProcessGateway
from evens.program.line import GatewayLineCommands, Rulings, TableFixtures
from evens.store.database import Database
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.fixed_odds.rows import FixtureRow, MarketRow
from evens.store.wallets.queries import Queries
from tests.conftest import Stage

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("restarts", [False, True])]

MARKETS = tuple(
    LineMarket(key, key.title(), (LineSelection("home", "Home", 200), LineSelection("away", "Away", 200)))
    for key in ("main", "total")
)
FIRST = Saying("m-1", 1, header=Header("Leeds v York", 4 * 10**18), markets=MARKETS, is_version=True)


def won(winner: str, *keys: str) -> dict[str, tuple[SelectionResult, ...]]:
    return {key: (SelectionResult(key, winner, LegResult.WON),) for key in keys}


VOID = tuple(SelectionResult("main", each, LegResult.VOID) for each in ("home", "away"))


class Line:
    """A provider's words, a house that books them, and an operator."""

    def __init__(self, stage: Stage, database: Database, *, restarts: bool) -> None:
        self.stage = stage
        self._restarts = restarts
        self._gateway = InProcessGateway(stage.inbox, Queries(database))
        self._gateway.leading(stage.sequencer.house.seq, 0)
        stage.observer.gateways.append(self._gateway)
        self._tables = SportsbookQueries(database)
        self._desk = self._new_desk()

    def _new_desk(self) -> LineDesk:
        commands = GatewayLineCommands(self._gateway)
        desk = LineDesk(commands, TableFixtures(self._tables), LineMetrics(CollectorRegistry()))
        self._gateway.follow(Rulings(desk))
        return desk

    async def says(self, *sayings: Saying) -> None:
        """Have what the provider says booked."""
        await self._desk.take("main", sayings, patient=True)

    async def rules(self, command: type[Command], *rest: object, **more: object) -> None:
        """Have an operator decide; the server may start anew after that."""
        fixture = (await self.fixture()).id
        ruled = {} if command is CloseConflict else {"ruled": True}
        receipt = await self.stage.submit(command(fixture, *rest, **more, **ruled))  # pyright: ignore[reportCallIssue, reportArgumentType]
        assert not isinstance(receipt.events[0], Rejected), receipt
        if self._restarts:
            self._desk = self._new_desk()

    async def fixture(self) -> FixtureRow:
        """Return the fixture, once nothing is under way."""
        await self.stage.at_rest()
        found = await self._tables.fixture("main", "m-1")
        assert found is not None
        return found

    async def market(self, key: str) -> MarketRow:
        """Return a market of the fixture."""
        return next(each for each in (await self.fixture()).markets if each.key == key)

    async def stands(self, key: str, *winners: str, contradicted: bool) -> None:
        """Check who has won, and whether the market waits for an operator."""
        market = await self.market(key)
        assert {each[0] for each in canonical(market.results)} == {*winners}
        assert (market.contradicted_at is not None) == contradicted


@pytest.fixture
async def line(stage: Stage, database: Database, restarts: bool) -> Line:
    await stage.submit(DefineCurrency("USD", 2))
    opened = Line(stage, database, restarts=restarts)
    await opened.says(FIRST)
    return opened


def later(order: int, saying: Saying) -> Sequence[Saying]:
    """Return a saying once more, and then as part of a later version."""
    return saying, replace(saying, order=order, markets=(replace(MARKETS[1], suspended=True),))


async def test_a_result_that_an_operator_took_back_is_not_paid_again(line: Line) -> None:
    said = replace(FIRST, order=2, results=won("home", "main"))
    await line.says(said)
    await line.rules(RollBackResults, ("main",))
    again, newer = later(3, said)
    await line.says(again)
    await line.stands("main", contradicted=False)
    await line.says(newer)
    await line.stands("main", contradicted=True)
    await line.rules(CloseConflict, "main")
    await line.says(newer)
    await line.stands("main", contradicted=False)


async def test_a_result_that_an_operator_corrected_stands_and_is_contradicted_by_newer_words_only(line: Line) -> None:
    said = replace(FIRST, order=2, results=won("home", "main"), status=FixtureStatus.FINISHED)
    await line.says(said)
    await line.rules(DeclareResults, won("away", "main")["main"], correction=True)
    again, newer = later(3, said)
    await line.says(again)
    await line.stands("main", "away", contradicted=False)
    await line.says(newer)
    await line.stands("main", "away", contradicted=True)
    await line.says(replace(FIRST, order=4, rolled_back=(EVERYTHING,), status=FixtureStatus.NEW))
    await line.stands("main", "away", contradicted=True)


async def test_a_cancellation_that_an_operator_took_back_is_not_repeated(line: Line) -> None:
    said = replace(FIRST, order=2, cancelled=(Window(EVERYTHING, 5, 9),))
    await line.says(said)
    assert [market.cancelled for market in (await line.fixture()).markets] == [((5, 9),), ((5, 9),)]
    await line.rules(CancelBets, (), 5, 9, restored=True)
    await line.says(*later(3, said))
    assert [market.cancelled for market in (await line.fixture()).markets] == [(), ()]


async def test_that_a_settled_event_is_void_is_a_contradiction(line: Line) -> None:
    await line.rules(DeclareResults, won("home", "main")["main"], finished=False)
    await line.says(replace(FIRST, order=2, status=FixtureStatus.VOID))
    await line.stands("main", "home", contradicted=True)
    await line.stands("total", "home", "away", contradicted=False)
    assert (await line.fixture()).status is FixtureStatus.FINISHED


async def test_an_event_that_an_operator_voided_stays_void(line: Line) -> None:
    said = replace(FIRST, order=2, results=won("home", "main", "total"), status=FixtureStatus.FINISHED)
    await line.says(said)
    await line.rules(VoidFixture)
    await line.says(said)
    assert (await line.fixture()).status is FixtureStatus.VOID
    await line.stands("main", "home", "away", contradicted=False)


async def test_what_is_taken_back_altogether_is_taken_back_where_there_is_a_result(line: Line) -> None:
    await line.says(replace(FIRST, order=2, results=won("home", "main", "total"), status=FixtureStatus.FINISHED))
    await line.rules(RollBackResults, ("main",))
    await line.says(replace(FIRST, order=3, rolled_back=(EVERYTHING,), status=FixtureStatus.NEW))
    await line.stands("main", contradicted=False)
    await line.stands("total", contradicted=False)
    await line.says(replace(FIRST, order=4, results=won("away", "total")))
    await line.stands("total", "away", contradicted=False)


async def test_a_time_is_cancelled_on_every_market_though_one_had_it_before(line: Line) -> None:
    await line.says(replace(FIRST, order=2, cancelled=(Window("main", 5, 9),)))
    await line.says(replace(FIRST, order=3, cancelled=(Window(EVERYTHING, 5, 9),)))
    assert [market.cancelled for market in (await line.fixture()).markets] == [((5, 9),), ((5, 9),)]
    await line.says(replace(FIRST, order=4, restored=(Window("total", 5, 9),)))
    assert [market.cancelled for market in (await line.fixture()).markets] == [((5, 9),), ()]
    await line.says(replace(FIRST, order=5, markets=(replace(MARKETS[0], suspended=True),)))
    assert [market.cancelled for market in (await line.fixture()).markets] == [((5, 9),), ()]


async def test_more_winners_than_a_market_can_have_wait_for_an_operator(line: Line) -> None:
    both = tuple(SelectionResult("main", each, LegResult.WON) for each in ("home", "away"))
    await line.says(replace(FIRST, order=2, results={"main": both}))
    await line.stands("main", contradicted=True)
    tied = tuple(SelectionResult("main", each, LegResult.WON, 1, 2) for each in ("home", "away"))
    await line.rules(DeclareResults, tied, correction=True)
    await line.stands("main", "home", "away", contradicted=False)


async def test_a_market_opens_only_when_its_line_was_read_after_an_operator_took_its_result_back(line: Line) -> None:
    await line.rules(DeclareResults, won("home", "main")["main"], finished=False)
    moved = tuple(
        replace(each, selections=(LineSelection("home", "Home", 105), each.selections[1])) for each in MARKETS
    )
    said = replace(FIRST, order=2, markets=moved)
    await line.says(said)
    assert (await line.market("main")).selections[0].odds == 200
    await line.rules(RollBackResults, ("main",))
    assert (await line.market("main")).suspended
    await line.says(said)
    market = await line.market("main")
    assert (market.suspended, market.selections[0].odds, (await line.fixture()).version) == (False, 105, 2)


async def test_a_conflict_that_an_operator_closed_is_not_listed_again(line: Line) -> None:
    await line.says(replace(FIRST, order=2, results=won("home", "main")))
    await line.says(replace(FIRST, order=3, results=won("away", "main")))
    await line.stands("main", "home", contradicted=True)
    await line.rules(CloseConflict, "main")
    for order in (4, 5):
        await line.says(replace(FIRST, order=order, results=won("away", "main")))
        await line.stands("main", "home", contradicted=False)
    await line.says(replace(FIRST, order=6, results={"main": VOID}))
    await line.stands("main", "home", contradicted=True)


async def test_an_operator_who_names_the_result_that_stands_closes_the_conflict(line: Line) -> None:
    await line.says(replace(FIRST, order=2, results=won("home", "main")))
    await line.says(replace(FIRST, order=3, results=won("away", "main")))
    await line.rules(DeclareResults, won("home", "main")["main"], correction=True)
    await line.stands("main", "home", contradicted=False)


async def test_a_first_result_of_a_contradicted_market_needs_no_correction(line: Line) -> None:
    both = tuple(SelectionResult("main", each, LegResult.WON) for each in ("home", "away"))
    await line.says(replace(FIRST, order=2, results={"main": both}))
    await line.stands("main", contradicted=True)
    await line.rules(DeclareResults, won("home", "main")["main"])
    await line.stands("main", "home", contradicted=False)
