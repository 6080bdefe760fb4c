"""What the house reserves for the singles on a market is what its worst end costs, found by trying every end."""

from fractions import Fraction
from itertools import combinations
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.fixed_odds.singles import MarketBook
from evens.core.values.fixed_odds import OpenSingle, own_risk_minor
from evens.core.values.ids import BetId, CustomerId

Struck = tuple[str, int, int, int]
"""A bet: its selection, how many removals came before it, its odds and its stake."""


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[str], int, list[tuple[str, int]], list[Struck]]:
    """Draw selections, how many win (0: any number), removals, and bets."""
    selections = list("abcdef"[: draw(st.integers(1, 5))])
    removed = draw(st.lists(st.sampled_from(selections), unique=True, max_size=2))
    removals = [(selection, draw(st.integers(0, 9_000))) for selection in removed]
    bets = draw(
        st.lists(
            st.tuples(
                st.sampled_from(selections),
                st.integers(0, len(removals)),
                st.integers(101, 5_000),
                st.integers(1, 10_000),
            ),
            max_size=12,
        )
    )
    return selections, draw(st.integers(0, len(selections))), removals, bets


def worst_end_minor(selections: list[str], winners: int, removals: list[tuple[str, int]], bets: list[Struck]) -> int:
    """Return the most that is lost over every choice of winners among those that run, in exact fractions."""
    removed = [selection for selection, _ in removals]
    running = [selection for selection in selections if selection not in removed]
    counts = range(len(running) + 1) if winners == 0 else [min(winners, len(running))]
    worst = Fraction(0)
    for count in counts:
        for end in combinations(running, count):
            lost = Fraction(0)
            for selection, since, odds, stake in bets:
                if selection in removed:
                    continue
                left = 1 - Fraction(min(sum(bps for _, bps in removals[since:]), 9_000), 10_000)
                returned = stake * (1 + (Fraction(odds, 100) - 1) * left) if selection in end else 0
                lost += returned - stake
            worst = max(worst, lost)
    return ceil(worst)


@given(drawn=markets())
@settings(max_examples=300)
def test_the_house_reserves_what_the_worst_end_costs(
    drawn: tuple[list[str], int, list[tuple[str, int]], list[Struck]],
) -> None:
    selections, winners, removals, bets = drawn
    book = MarketBook(selections)
    for number, (selection, since, odds, stake_minor) in enumerate(bets, 1):
        # It is asked for before every bet, of which some come before a removal.
        before, known = bets[: number - 1], removals[:since]
        worst_minor = book.worst_loss_minor(winners, known, None)
        assert worst_minor == worst_end_minor(selections, winners, known, before)
        with_it_minor = book.worst_loss_minor(winners, known, (selection, since, odds, stake_minor))
        assert with_it_minor <= worst_minor + own_risk_minor(odds, stake_minor)
        single = OpenSingle(BetId(number), selection, odds, stake_minor, number)
        book.selections[selection].add(CustomerId(number), single, since)
    assert book.worst_loss_minor(winners, removals, None) == worst_end_minor(selections, winners, removals, bets)
    if bets:
        selection, since, odds, stake_minor = bets[-1]
        without = book.worst_loss_minor(winners, removals, (selection, since, odds, -stake_minor))
        assert without == worst_end_minor(selections, winners, removals, bets[:-1])
        book.selections[selection].take(CustomerId(len(bets)), BetId(len(bets)), since)
        assert book.worst_loss_minor(winners, removals, None) == without
    assert book.is_sound()
