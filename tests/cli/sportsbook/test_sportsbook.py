"""What people and operators do by command: events, bets, the book, the house's own money."""

import pytest

from tests.cli.program import Server

NOTHING_THERE = 1
MISUSED = 2


def words(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in text.splitlines()]


def test_the_owner_pays_into_the_bank_and_out_of_it(server: Server) -> None:
    assert "50.00 USD is in the bank; it has 50.00 USD now." in server.call("house", "deposit", "50").out
    assert server.ask("house", "withdraw", "20", "--reference", "rent")["bank_after"] == "30.00"
    refused = server.call("house", "withdraw", "30.01")
    assert refused.code == NOTHING_THERE
    assert "30.00 USD is available" in refused.err
    (usd,) = [each for each in server.ask("house", "balance")["items"] if each["currency"] == "USD"]
    assert (usd["bank"], usd["reserved"]) == ("30.00", "0.00")
    assert ["USD", "30.00", "0.00", "0.00", "0.00", "0.00", "0.00"] in words(server.call("house", "balance").out)


def test_the_house_is_limited_a_limit_at_a_time(server: Server) -> None:
    assert "no limit" in server.call("book", "limits").out
    server.ask("book", "limits", "--max-stake", "100", "--cash-out-margin-bps", "300")
    limits = server.ask("book", "limits", "--min-stake", "2")
    assert (limits["min_stake"], limits["max_stake"], limits["cash_out_margin_bps"]) == ("2.00", "100.00", 300)
    assert "100.00 USD" in server.call("book", "limits").out
    limits = server.ask("book", "limits", "--unlimited")
    assert (limits["min_stake"], limits["max_stake"], limits["cash_out_margin_bps"]) == ("0.01", None, 500)


def test_a_user_is_limited_by_a_factor(server: Server) -> None:
    server.customer("fay")
    assert "fay may stake 100 % of the largest stake." in server.call("book", "stake-factor", "fay").out
    assert server.ask("book", "stake-factor", "fay", "25")["percent"] == 25
    assert "fay may stake 25 %" in server.call("book", "stake-factor", "fay").out


def test_what_is_not_there_is_said(server: Server) -> None:
    server.customer("nan", USD="10")
    assert "One can bet on nothing now." in server.call("event", "list").out
    assert "There is no event." in server.call("event", "list", "--all").out
    assert "No bet is open." in server.call("book", "exposure").out
    assert "Nothing contradicts." in server.call("book", "conflicts").out
    assert "There is no such bet." in server.call("bet", "list", "nan").out
    for command in (
        ("event", "show", "nothing"),
        ("event", "suspend", "nothing"),
        ("event", "settle", "nothing", "--result", "win=won"),
        ("bet", "place", "nan", "nothing", "1"),
        ("bet", "show", "bet_1"),
        ("bet", "cash-out", "bet_1", "--yes"),
    ):
        ended = server.call(*command)
        assert (ended.code, "There is no such" in ended.err) == (NOTHING_THERE, True), ended


@pytest.mark.parametrize(
    "arguments",
    [
        ("bet", "place", "nan", "10"),
        ("bet", "place", "nan", "a", "b", "c", "10", "d"),
        ("bet", "place", "nan", "10", "--leg", "a/home", "--odds", "2"),
        ("bet", "place", "nan", "a", "10", "--leg", "a/home"),
        ("bet", "place", "nan", "10", "--leg", "a//home"),
        ("event", "settle", "a", "--result", "home"),
        ("event", "settle", "a", "--result", "home=tied"),
    ],
)
def test_what_cannot_be_meant_is_misused(server: Server, arguments: tuple[str, ...]) -> None:
    assert server.call(*arguments).code == MISUSED
