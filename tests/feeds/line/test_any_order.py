"""Messages in any order, and repeatedly, end where the right order would have ended."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from evens.core.values.fixed_odds import FixtureStatus, LegResult, LineMarket, LineSelection, SelectionResult
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.sayings import ANY_END, EVERYTHING, Header, Saying, Window
from tests.feeds.line.house_twin import HouseTwin, TwinFixture

HEADER = Header("Leeds v York", 4 * 10**18)
MARKETS = ("main", "total")
SELECTIONS = ("a", "b")


def market(key: str, odds: int, *, suspended: bool) -> LineMarket:
    return LineMarket(key, key.title(), tuple(LineSelection(each, each, odds) for each in SELECTIONS), suspended)


def results(key: str, winner: str) -> tuple[SelectionResult, ...]:
    return tuple(SelectionResult(key, each, LegResult.WON if each == winner else LegResult.LOST) for each in SELECTIONS)


@st.composite
def histories(draw: st.DrawFn) -> list[Saying]:
    """Draw what a provider that sends what has changed says of a fixture, in the right order, from 1 on."""
    first = Saying("m-1", 0, header=HEADER, markets=tuple(market(key, 200, suspended=False) for key in MARKETS))
    said = [first]
    for order in range(1, draw(st.integers(1, 7)) + 1):
        key = draw(st.sampled_from(MARKETS))
        window = Window(key, 0, draw(st.sampled_from((5, 6))))
        said.append(
            draw(
                st.sampled_from(
                    [
                        Saying("m-1", order, markets=(market(key, 200 + order, suspended=bool(order % 2)),)),
                        Saying("m-1", order, stopped=(EVERYTHING,)),
                        Saying("m-1", order, stopped=(EVERYTHING,), spared=frozenset({key})),
                        Saying("m-1", order, results={key: results(key, draw(st.sampled_from(SELECTIONS)))}),
                        Saying("m-1", order, rolled_back=(key,)),
                        Saying("m-1", order, cancelled=(window,)),
                        Saying("m-1", order, restored=(window,)),
                    ]
                )
            )
        )
    return said


def play(said: Sequence[Saying], busy: Sequence[int] = ()) -> TwinFixture:
    """Return the fixture after these sayings; the house is busy as often as ``busy`` says before each."""

    async def play_all() -> TwinFixture:
        house = HouseTwin()

        async def sleep(_: float) -> None:
            await asyncio.sleep(0)

        desk = LineDesk(house, house, LineMetrics(CollectorRegistry()), sleep)
        for place, saying in enumerate(said):
            house.busy = busy[place % len(busy)] if busy else 0
            await desk.take("main", [saying], patient=place % 2 == 0)
        house.busy = 0
        await desk.ask_again()
        return house.only()

    return asyncio.run(play_all())


@given(st.data())
def test_any_order_and_repetition_of_messages_ends_where_the_right_order_would(data: st.DataObject) -> None:
    right = data.draw(histories())
    # The fixture itself comes first: a source asks for it before it takes anything that is said of it.
    jumbled = [right[0], *data.draw(st.permutations([*right[1:], *data.draw(st.lists(st.sampled_from(right)))]))]
    busy = data.draw(st.lists(st.integers(0, 2), max_size=4))
    expected, actual = play(right), play(jumbled, busy)
    assert actual.outcome() == expected.outcome()
    undecided = [each for each in actual.line.markets if each.key not in actual.results]
    assert undecided == [each for each in expected.line.markets if each.key not in expected.results]


def test_a_version_that_is_older_changes_nothing() -> None:
    newer = Saying(
        "m-1", 3, header=HEADER, markets=(market("main", 250, suspended=False),), whole=True, is_version=True
    )
    older = Saying(
        "m-1", 2, header=HEADER, markets=(market("main", 300, suspended=False),), whole=True, is_version=True
    )
    fixture = play([newer, older])
    assert fixture.version == 3
    assert fixture.line.markets[0].selections[0].odds == 250


def test_a_result_taken_back_and_given_anew_is_settled_anew() -> None:
    line = Saying("m-1", 0, header=HEADER, markets=(market("main", 200, suspended=False),))
    first = Saying("m-1", 1, results={"main": results("main", "a")})
    back = Saying("m-1", 2, rolled_back=("main",))
    second = Saying("m-1", 3, results={"main": results("main", "b")})
    fixture = play([line, first, second, back])
    assert (fixture.results["main"], fixture.contradicted) == (results("main", "b"), set())
    contradicted = play([line, first, second])
    assert (contradicted.results["main"], contradicted.contradicted) == (results("main", "a"), {"main"})
    assert contradicted.status is FixtureStatus.FINISHED


def test_a_bet_stop_holds_until_a_market_is_named_again() -> None:
    open_markets = tuple(market(key, 200, suspended=False) for key in MARKETS)
    line = Saying("m-1", 0, header=HEADER, markets=open_markets)
    stop = Saying("m-1", 5, stopped=(EVERYTHING,))
    late = Saying("m-1", 4, markets=(market("main", 240, suspended=False),))
    again = Saying("m-1", 6, markets=(market("total", 260, suspended=False),))
    for said in ([line, stop, late, again], [line, again, late, stop]):
        markets = {each.key: (each.suspended, each.selections[0].odds) for each in play(said).line.markets}
        assert markets == {"main": (True, 240), "total": (False, 260)}


def test_a_bet_stop_leaves_open_what_it_spares() -> None:
    keys = ("1", "18:total=2.5", "99")
    line = Saying("m-1", 0, header=HEADER, markets=tuple(market(key, 200, suspended=False) for key in keys))
    some = Saying("m-1", 5, stopped=(EVERYTHING,), spared=frozenset({"1", "18"}))
    everything = Saying("m-1", 3, stopped=(EVERYTHING,))
    again = Saying("m-1", 4, markets=tuple(market(key, 200, suspended=False) for key in keys))
    for said in ([line, some], [line, everything, again, some], [line, some, again, everything]):
        assert {each.key for each in play(said).line.markets if each.suspended} == {"99"}


def test_a_cancellation_without_an_end_is_taken_back_by_one_without_an_end() -> None:
    line = Saying("m-1", 0, header=HEADER, markets=(market("main", 200, suspended=False),))
    cancel = Saying("m-1", 1, cancelled=(Window("main", 0, 1_000_000),))
    restore = Saying("m-1", 2, restored=(Window("main", 0, ANY_END),))
    assert play([line, cancel]).cancelled == {Window("main", 0, 1_000_000)}
    assert play([line, cancel, restore]).cancelled == set()
    assert play([line, restore, cancel]).cancelled == set()
    assert play([line, Saying("m-1", 1, cancelled=(Window(EVERYTHING, 0, 9),))]).cancelled == {Window("main", 0, 9)}


def test_a_market_that_is_not_among_all_of_them_is_suspended() -> None:
    both = tuple(market(key, 200, suspended=False) for key in MARKETS)
    line = Saying("m-1", 1, header=HEADER, markets=both, whole=True)
    less = Saying("m-1", 2, header=HEADER, markets=both[:1], whole=True)
    for said in ([line, less], [less, line]):
        assert {each.key for each in play(said).line.markets if not each.suspended} == {"main"}
