"""Profiles and the leaderboard by command, as people see them."""

from tests.edges.conftest import Caller, Desk, OpenHouse
from tests.edges.social.board import bet, keep


async def test_the_leaderboard_and_a_profile_are_shown(
    house: OpenHouse, desk: Desk, operator: Caller, ada: Caller
) -> None:
    empty = await desk.call("leaderboard")
    assert "Nobody has a place yet" in empty.out, empty
    eve = await house.customer("eve", USD=1_000_00)
    await bet(operator, ada, eve, "1")
    await keep(house)
    board = await desk.call("leaderboard", "--period", "day")
    ranks = [line.split()[:3] for line in board.out.splitlines() if line.split()[:1] in (["1"], ["2"])]
    assert ranks == [["1", "ada", "20.00"], ["2", "eve", "-20.00"]], board
    assert "100.00 USD of turnover and 5 settled" in " ".join(board.out.split()), board
    shown = await desk.call("profile", "show", "ada", "--product", "exchange")
    assert [line.split()[:4] for line in shown.out.splitlines() if line.startswith("exchange")] == [
        ["exchange", period, "20.00", "10.00"] for period in ("day", "week", "month", "all")
    ], shown
    nobody = await desk.call("profile", "show", "whoever")
    assert (nobody.code, "There is no such profile" in nobody.err) == (1, True), nobody


async def test_one_chooses_with_ones_own_key_what_is_shown(desk: Desk, ada: Caller) -> None:
    mine = Desk(desk.url, ada)
    done = await mine.call("profile", "set", "--name", "Ada L.", "--visibility", "public", "--unlisted")
    assert all(text in done.out for text in ("Ada L.", "public", "not listed", "not allowed")), done
    after = await mine.ask("profile", "set", "--name", "", "--bio", "Draws.", "--copyable")
    assert (after["display_name"], after["bio"], after["visibility"]) == (None, "Draws.", "public")
    assert (after["listed"], after["copyable"]) == (False, True)
    assert "Draws." in (await mine.call("profile", "show", "me")).out
    nothing = await mine.call("profile", "set")
    assert (nothing.code, "Nothing is to be set" in nothing.err) == (2, True), nothing
    theirs = await desk.call("profile", "set", "--listed")
    assert (theirs.code, "no account of its own" in theirs.err) == (1, True), theirs
