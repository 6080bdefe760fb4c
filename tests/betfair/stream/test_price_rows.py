"""Rows of prices against a naive client: whoever applies every change has the image of the latest picture."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.money import Currency
from evens.edges.betfair.stream.pictures import Levels, MarketPicture, RunnerPicture
from evens.edges.betfair.stream.price_rows import Field, Projection, change, image
from tests.betfair.stream.naive_client import MarketCopy

# It has no stubs.
MarketBookCache: Any = import_module("betfairlightweight.streaming.cache").MarketBookCache

_CACHED = {
    "atb": "available_to_back",
    "atl": "available_to_lay",
    "batb": "best_available_to_back",
    "batl": "best_available_to_lay",
    "bdatb": "best_display_available_to_back",
    "bdatl": "best_display_available_to_lay",
    "trd": "traded",
}

MARKET = MarketId(42)
USD = Currency(1, "USD", 2)
RUNNERS = 3
ODDS = st.sampled_from([101, 150, 200, 202, 204, 250, 1_050, 100_000])


def levels(*, highest_first: bool = False) -> st.SearchStrategy[Levels]:
    """Return prices with amounts, in order, without a price that comes twice."""
    return st.dictionaries(ODDS, st.integers(1, 10**9), max_size=6).map(
        lambda found: tuple(sorted(found.items(), reverse=highest_first))
    )


def runners(number: int) -> st.SearchStrategy[RunnerPicture]:
    """Return one runner in any state."""
    return st.builds(
        RunnerPicture,
        st.just(RunnerId(number)),
        levels(highest_first=True),
        levels(),
        levels(),
        st.one_of(st.just(0), ODDS),
    )


def pictures() -> st.SearchStrategy[list[MarketPicture]]:
    """Return a market's pictures one after the other; a part of each is as it was before."""
    states = st.tuples(*[st.one_of(st.none(), runners(number)) for number in range(1, RUNNERS + 1)])
    return st.lists(st.tuples(states, st.integers(1, 3)), min_size=1, max_size=5).map(_in_a_row)


def _in_a_row(states: list[tuple[tuple[RunnerPicture | None, ...], int]]) -> list[MarketPicture]:
    now = tuple(RunnerPicture(RunnerId(number)) for number in range(1, RUNNERS + 1))
    found: list[MarketPicture] = []
    for number, (changed, version) in enumerate(states):
        now = tuple(was if runner is None else runner for was, runner in zip(now, changed, strict=True))
        definition: dict[str, Any] = {"version": version, "status": "OPEN", "runners": []}
        found.append(MarketPicture(MARKET, number * 10, number, number, USD, definition, now))
    return found


def projections() -> st.SearchStrategy[Projection]:
    """Return any selection of fields."""
    return st.builds(Projection, st.frozensets(st.sampled_from(list(Field)), min_size=1), st.integers(1, 10))


def naive(picture: MarketPicture, projection: Projection) -> Mapping[str, Any]:
    """Return what a client has to know of a picture, without asking for rows."""
    expected: dict[str, Any] = {}
    for runner in picture.runners:
        known: dict[str, Any] = {}
        back = [(odds / 100, minor / 100) for odds, minor in runner.to_back]
        lay = [(odds / 100, minor / 100) for odds, minor in runner.to_lay]
        traded = {odds / 100: minor / 100 for odds, minor in runner.traded}
        if Field.ALL in projection.fields:
            known |= {"atb": dict(back), "atl": dict(lay)}
        for field, names in ((Field.BEST, ("batb", "batl")), (Field.BEST_DISPLAYED, ("bdatb", "bdatl"))):
            if field in projection.fields:
                best = [dict(enumerate(side[: projection.ladder_levels])) for side in (back, lay)]
                known |= dict(zip(names, best, strict=True))
        if Field.TRADED in projection.fields:
            known["trd"] = traded
        if Field.LAST_PRICE in projection.fields:
            known["ltp"] = runner.last_odds / 100
        if Field.TRADED_VOLUME in projection.fields:
            known["tv"] = sum(minor for _, minor in runner.traded) / 100
        expected[str(runner.runner)] = known
    return expected


@given(pictures(), projections(), st.sets(st.integers(0, 4)))
def test_a_client_that_applies_every_change_has_the_latest_picture(
    told: list[MarketPicture], projection: Projection, slept_through: set[int]
) -> None:
    copy, sent = MarketCopy(), told[0]
    copy.take(image(sent, projection))
    for place, picture in enumerate(told):
        if place in slept_through:
            continue
        changed = change(sent, picture, projection)
        if changed is not None:
            copy.take(changed)
        sent = picture
        _compare(copy, picture, projection)


@given(pictures(), projections())
def test_the_cache_of_betfairlightweight_has_the_latest_picture(
    told: list[MarketPicture], projection: Projection
) -> None:
    cache, sent = MarketBookCache("1.42", 0, True, False, False), told[0]
    cache.update_cache(image(sent, projection), 0, True)
    for picture in told:
        changed = change(sent, picture, projection)
        if changed is not None:
            cache.update_cache(changed, 0, True)
        sent = picture
        for number, known in naive(picture, projection).items():
            runner = cache.runner_dict.get((int(number), 0))
            for name in known.keys() & _CACHED.keys():
                rows: list[list[float]] = (
                    [] if runner is None else list(getattr(runner, _CACHED[name]).order_book.values())
                )
                # A row ends with what the cache has made of it.
                assert {row[0]: row[1] if len(row) == 3 else (row[1], row[2]) for row in rows} == known[name], name


@given(pictures(), projections())
def test_a_change_is_conflated_if_it_leaves_pictures_out(told: list[MarketPicture], projection: Projection) -> None:
    for place, picture in enumerate(told):
        changed = change(told[0], picture, projection)
        assert changed is None or changed.get("con", False) == (place > 1)


@given(pictures(), projections())
def test_nothing_is_told_of_what_is_the_same(told: list[MarketPicture], projection: Projection) -> None:
    assert change(told[-1], told[-1], projection) is None
    changed = change(told[0], told[-1], projection)
    for runner in (changed or {}).get("rc", ()):
        before, after = (naive(each, projection)[str(runner["id"])] for each in (told[0], told[-1]))
        for name in runner.keys() - {"id"}:
            assert before[name] != after[name]


def _compare(copy: MarketCopy, picture: MarketPicture, projection: Projection) -> None:
    for runner, known in naive(picture, projection).items():
        for name, value in known.items():
            assert copy.runner(int(runner)).get(name, type(value)()) == value, name
    if Field.DEFINITION in projection.fields:
        assert copy.definition == picture.definition
    if Field.TRADED_VOLUME in projection.fields:
        total_minor = sum(minor for runner in picture.runners for _, minor in runner.traded)
        assert copy.volume == total_minor / 100
