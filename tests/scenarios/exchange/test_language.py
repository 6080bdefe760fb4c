"""The sentences about the exchange and challenges are read as strictly, and their tables compared cell by cell."""

import re

import pytest

from tests.scenarios.challenges.deeds import Accept, Dispute, Offer, Rule, Say, TakeBack
from tests.scenarios.deeds import Act, Idle, actor_of
from tests.scenarios.exchange.deeds import (
    Annul,
    Bet,
    BookLook,
    Cancel,
    CancelAll,
    Change,
    Close,
    Discount,
    OpenMarket,
    PositionsLook,
    Remove,
    Resume,
    Settle,
    Suspend,
    TurnInPlay,
    Wait,
)
from tests.scenarios.kernel_driver import KernelDriver
from tests.scenarios.language import Unreadable, parse
from tests.scenarios.play import Disagreement, play

HEAD = "currencies USD 2\ncustomers ann, bob, rex\n"
DERBY = (
    "desk deposits 90.00 USD to ann -> deposited\n"
    "desk deposits 90.00 USD to bob -> deposited\n"
    "desk opens Derby in USD for Red | Blue -> open\n"
    "ann backs Red in Derby for 10.00 at 2.50 as a1 -> executable\n"
    "bob lays Red in Derby for 4.00 at 2.50 -> complete\n"
    'ann offers to back "Rain" for 1.00 USD at 3.00 on the word of rex as c1 -> offered\n'
)
NEXT_LINE = 9
BOOK = "book of Derby\n    runner | to back | to lay\n"
POSITIONS = "positions in Derby\n    who | runner | if it wins | if it loses\n"


@pytest.mark.parametrize(
    ("sentence", "deed"),
    [
        (
            "desk opens Derby in USD for Red | Blue | Green, 2 winners, commission 2.5%, bet delay 5 s",
            OpenMarket("Derby", "USD", ("Red", "Blue", "Green"), 2, 250, 5),
        ),
        (
            "desk opens Derby in USD for Red | Blue, least stake 2.00, finest ladder",
            OpenMarket("Derby", "USD", ("Red", "Blue"), least_stake="2.00", ladder="finest"),
        ),
        ("desk suspends Derby", Suspend("Derby")),
        ("desk resumes Derby", Resume("Derby")),
        ("desk turns Derby in-play", TurnInPlay("Derby")),
        ("desk closes Derby", Close("Derby")),
        ("desk removes Red from Derby, reduction 12.55%", Remove("Derby", "Red", 1255)),
        ("desk settles Derby for Red | Blue, dead heat, correction", Settle("Derby", ("Red", "Blue"), True, True)),
        ("desk voids Derby, correction", Annul("Derby", True)),
        ("desk gives ann a discount of 40%", Discount("ann", 4000)),
        ("ann backs Red in Derby for 10.00 at 2.50", Bet("ann", "back", "Red", "Derby", "10.00", "2.50")),
        (
            "bob lays Red in Derby for 10 at 2.5 as b1, fill or kill, at least 5.00",
            Bet("bob", "lay", "Red", "Derby", "10", "2.5", "b1", fill_or_kill=True, min_fill="5.00"),
        ),
        (
            'bob lays Red in Derby for 1.00 at 3, persisting, knowing version 2, reference "r"',
            Bet("bob", "lay", "Red", "Derby", "1.00", "3", persisting=True, market_version=2, reference="r"),
        ),
        ("ann changes a1 to 8.00", Change("ann", "a1", "8.00", None)),
        ("ann changes a1 to 8.00 at 2.60", Change("ann", "a1", "8.00", "2.60")),
        ("ann changes a1 to odds 2.60", Change("ann", "a1", None, "2.60")),
        ("ann cancels a1", Cancel("ann", "a1")),
        ("ann cancels 2.00 of a1", Cancel("ann", "a1", "2.00")),
        ("ann cancels all orders", CancelAll("ann")),
        ("ann cancels all orders in Derby", CancelAll("ann", "Derby")),
        (
            "ann offers to back Red in Derby for 10.00 USD at 3.00 as c1, public",
            Offer("ann", "back", "10.00", "USD", "3.00", "c1", runner="Red", market="Derby", public=True),
        ),
        (
            'bob offers to lay "Rain, or snow" for 1.00 USD at 3 on the word of rex as c2, expires 1970-01-02',
            Offer("bob", "lay", "1.00", "USD", "3", "c2", None, None, "Rain, or snow", "rex", 86_400 * 10**9),
        ),
        (
            "bob offers to lay Red in Derby for 1.00 USD at 3 as c2, fee 2.5%, dispute window 24 h",
            Offer("bob", "lay", "1.00", "USD", "3", "c2", "Red", "Derby", fee_bps=250, dispute_window_s=86_400),
        ),
        ("bob accepts c1", Accept("bob", "c1")),
        ("ann takes c1 back", TakeBack("ann", "c1")),
        ("rex says that c1 is void", Say("rex", "c1", "void")),
        ("bob disputes c1", Dispute("bob", "c1")),
        ("desk rules that c1 is lost", Rule("c1", "lost")),
    ],
)
def test_a_sentence_is_a_deed_of_whoever_it_begins_with(sentence: str, deed: object) -> None:
    (step,) = parse(f"{sentence} -> done\n", "a.txt").steps
    assert isinstance(step, Act)
    assert step.deed == deed
    assert actor_of(step.deed) == sentence.split(maxsplit=1)[0]


def test_a_table_is_read_cell_by_cell_and_ends_where_the_indentation_ends() -> None:
    steps = parse(
        f"{BOOK}    Red  | 2.50 x 6.00,  2.40 x 1.00 |\n    Blue |  | 3.00 x 2.00\n"
        f"{POSITIONS}    ann | Red | 15.00 | -10.00\n    ann | Blue | 0.00 | 1.00\n"
        "wait 2 min\nhouse idles\nhouse works\n",
        "a.txt",
    ).steps
    assert steps == (
        BookLook(1, "Derby", {"Red": ("2.50 x 6.00, 2.40 x 1.00", ""), "Blue": ("", "3.00 x 2.00")}),
        PositionsLook(5, "Derby", {("ann", "Red"): ("15.00", "-10.00"), ("ann", "Blue"): ("0.00", "1.00")}),
        Wait(9, 120 * 10**9),
        Idle(10, idle=True),
        Idle(11, idle=False),
    )


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("desk opens Derby in USD for Red, Blue -> open", 1, "nobody knows the condition 'Blue'"),
        ("desk opens Derby for Red | Blue -> open", 1, "nobody knows how to do"),
        ("desk settles Derby for Red, fill or kill -> settled", 1, "a Settle has no fill_or_kill"),
        ("desk settles Derby -> settled", 1, "nobody knows how to do"),
        ("ann backs Red in Derby for 10.00 -> executable", 1, "nobody knows how to do"),
        ("ann backs Red in Derby for 10.00 at -2.00 -> executable", 1, "nobody knows how to do"),
        ("ann backs Red in Derby for 10.00 at 2.00, dead heat -> executable", 1, "a Bet has no dead_heat"),
        ("desk removes Red from Derby, reduction 1.234% -> removed", 1, "nobody knows the condition"),
        ('ann offers to back "Rain" for 1.00 USD at 3.00 as c1 -> offered', 1, "nobody knows how to do"),
        ("ann offers to back Red in Derby for 1.00 at 3.00 as c1 -> offered", 1, "nobody knows how to do"),
        ("bob accepts c1, fee 5% -> accepted", 1, "a Accept has no fee_bps"),
        ("bob accepts c1, expires 2026-01-01 -> accepted", 1, "a Accept has no expires"),
        ("rex says that c1 is right -> resolved", 1, "nobody knows how to do"),
        ("wait 0 s", 1, "nobody knows how to do 'wait 0 s'"),
        ("order a1", 1, "order needs a name and how it stands"),
        ("challenge c1", 1, "challenge needs a name and how it stands"),
        ("house sleeps", 1, "nobody knows how to do 'house sleeps'"),
        ("book of Derby\nrestart", 1, "the table begins with runner | to back | to lay"),
        ("book of Derby\n    runner | to lay | to back\n", 2, "the table begins with runner | to back | to lay"),
        ("book of\n    runner | to back | to lay\n", 1, "nobody knows"),
        (f"{BOOK}    Red | 2.00 x 1.00\n", 3, "a row has 3 cells, not 2"),
        (f"{BOOK}    Red | |\n    Red | |\n", 4, "each row is about something else"),
        (f"{POSITIONS}    ann | Red | 1.00\n", 3, "a row has 4 cells, not 3"),
        (
            f"{POSITIONS}    ann | Red | 1.00 | 2.00\n    ann | Red | 3.00 | 4.00\n",
            4,
            "each row is about something else",
        ),
    ],
)
def test_what_cannot_be_read_is_named_by_line(text: str, line: int, why: str) -> None:
    with pytest.raises(Unreadable, match=rf"^a\.txt:{line}: .*" + re.escape(why)):
        parse(text, "a.txt")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("text", "difference"),
    [
        (f"{BOOK}    Red | | 2.50 x 6.01\n", "the book is"),
        (f"{BOOK}    Red | 2.50 x 6.00 | \n", "the book is"),
        (f"{BOOK}    Red | | 2.50 x 6.00\n    Blue | | 2.50 x 6.00\n", "the book is"),
        (BOOK, "the book is"),
        (POSITIONS, "who can win and lose is"),
        (f"{POSITIONS}    ann | Red | 6.00 | -4.00\n", "who can win and lose is"),
        (f"{POSITIONS}    zoe | Red | 6.00 | -4.00\n", "nobody knows zoe"),
        ("order a1  complete", "the result is executable"),
        ("order a1  executable, matched 5.00", "matched is 4.00, and should be 5.00"),
        ("market Derby  closed", "the result is open"),
        ("market Derby  open, version 2", "version is 1, and should be 2"),
        ("challenge c1  accepted", "the result is offered"),
        ("challenge c1  offered, outcome won", "outcome is None, and should be won"),
        ("desk closes Derby -> open", "the result is closed"),
        ("bob accepts c1 -> settled", "the result is accepted"),
        ("balances USD  ann 79.00 | bob 84.00 | escrow ann 11.00", "escrow of bob is 6.00, and should be 0.00"),
    ],
)
async def test_a_scenario_that_is_wrong_fails_and_names_the_line(text: str, difference: str) -> None:
    scenario = parse(f"{HEAD}{DERBY}{text}\n", "a.txt")
    with pytest.raises(Disagreement, match=rf"^a\.txt:{NEXT_LINE}: " + re.escape(difference)):
        await play(scenario, KernelDriver(scenario.currencies))


@pytest.mark.anyio
async def test_what_was_set_up_here_is_right_when_it_is_told_right() -> None:
    told = (
        f"{BOOK}    Red | | 2.50 x 6.00\n{POSITIONS}    ann | Red | 6.00 | -4.00\n    bob | Red | -6.00 | 4.00\n"
        "balances USD  ann 79.00 | escrow ann 11.00 | bob 84.00 | escrow bob 6.00\n"
    )
    scenario = parse(f"{HEAD}{DERBY}{told}", "a.txt")
    await play(scenario, KernelDriver(scenario.currencies))
