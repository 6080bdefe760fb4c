"""The simulator's contests and traders: the same every time, on the ladder, and never matched with themselves."""

from collections import Counter
from collections.abc import Iterable
from random import Random

import pytest

from evens.core.values.money import parse_amount
from evens.core.values.odds import CLASSIC, parse_odds
from evens.sim.fair import FairChances, place_chances
from evens.sim.fixtures import KINDS, find_fixture
from evens.sim.newcomers import newcomers
from evens.sim.traders import PAUSE_S_MAX, Bid, Traders, Turn, traders

NAMES = [customer.username for customer in newcomers(40)]
LEVELS = 3


def turns(play: Traders, count: int) -> list[Turn]:
    return [play.turn() for _ in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_contest_is_the_same_every_time_and_none_is_like_another(kind: str) -> None:
    fixtures = [find_fixture(kind, number) for number in range(1, 50)]
    assert fixtures == [find_fixture(kind, number) for number in range(1, 50)]
    for fixture in fixtures:
        assert len(set(fixture.runners)) == len(fixture.runners) == len(fixture.weights)
        assert sum(fixture.weights) == pytest.approx(1)
        assert 1 <= fixture.winners < len(fixture.runners)
    assert len({fixture.runners for fixture in fixtures}) > 40
    assert find_fixture(kind, 1, "another seed") != fixtures[0]


def test_there_is_a_contest_with_several_winners_and_one_with_a_draw() -> None:
    assert "Draw" in find_fixture("match", 1).runners
    assert find_fixture("final", 1).winners == 2


@pytest.mark.parametrize("winners", [1, 2, 3])
def test_chances_to_win_a_place_make_the_number_of_places(winners: int) -> None:
    chances = place_chances([5, 3, 1, 1], winners)
    assert sum(chances) == pytest.approx(winners)
    assert chances[0] > chances[1] > chances[2] == pytest.approx(chances[3])
    assert all(0 < chance < 1 for chance in chances)


def test_winners_are_drawn_as_often_as_their_chances_say() -> None:
    fair = FairChances([6, 3, 1], 1, Random("draws"))
    drawn = Counter(fair.draw()[0] for _ in range(5000))
    assert [drawn[place] / 5000 for place in (1, 2, 3)] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)
    two = FairChances([6, 3, 1], 2, Random("draws"))
    assert all(len(set(two.draw())) == 2 for _ in range(100))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_traders_do_the_same(kind: str) -> None:
    fixture = find_fixture(kind, 3)
    first, second = traders(fixture, NAMES), traders(fixture, NAMES)
    assert first.open() == second.open()
    assert turns(first, 300) == turns(second, 300)
    assert first.draw_winners() == second.draw_winners()


@pytest.mark.parametrize("kind", KINDS)
def test_every_runner_is_quoted_on_both_sides_at_prices_of_the_ladder(kind: str) -> None:
    fixture = find_fixture(kind, 1)
    quotes = traders(fixture, NAMES).open()
    wanted = {
        (runner, side, level)
        for runner in range(1, len(fixture.runners) + 1)
        for side in ("back", "lay")
        for level in range(LEVELS)
    }
    assert {(bid.runner, bid.side, bid.level) for bid in quotes} == wanted
    assert len(quotes) == len(wanted)
    check_prices(quotes)


@pytest.mark.parametrize("kind", KINDS)
def test_both_quotes_of_a_level_keep_apart_however_prices_move(kind: str) -> None:
    play = traders(find_fixture(kind, 2), NAMES)
    waiting = {(bid.runner, bid.side, bid.level): parse_odds(bid.odds) for bid in play.open()}
    for number, turn in enumerate(turns(play, 3000)):
        if number == 1500:
            play.turn_in_play()
        check_prices(turn.bids)
        assert 0 <= turn.pause_s <= PAUSE_S_MAX
        for bid in turn.bids:
            assert (bid.username == play.maker) == (bid.level is not None)
            if bid.level is not None:
                waiting[bid.runner, bid.side, bid.level] = parse_odds(bid.odds)
                other = waiting[bid.runner, "lay" if bid.side == "back" else "back", bid.level]
                # At equal odds they would meet, and which of the two moves first matters as well.
                moved = waiting[bid.runner, bid.side, bid.level]
                assert moved > other if bid.side == "back" else moved < other


def test_every_kind_of_contest_has_another_maker_who_never_takes() -> None:
    makers = [traders(find_fixture(kind, 1), NAMES).maker for kind in KINDS]
    assert len(set(makers)) == len(KINDS)
    takers = {
        bid.username
        for kind in KINDS
        for turn in turns(traders(find_fixture(kind, 1), NAMES), 1000)
        for bid in turn.bids
        if bid.level is None
    }
    assert len(takers) > 20
    assert not takers & set(makers)


def check_prices(bids: Iterable[Bid]) -> None:
    for bid in bids:
        assert parse_odds(bid.odds) in CLASSIC
        assert parse_amount(bid.stake, 2) >= 100
