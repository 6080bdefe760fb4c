"""Output: colours at a terminal, plain text elsewhere, and nothing wider than the window."""

import re

from tests.cli.exchange.betting import open_market, place
from tests.cli.program import Server, run
from tests.cli.terminal import at_terminal

COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-9]|9[0-7])[0-9;]*m")


def test_what_is_piped_carries_no_colour(server: Server) -> None:
    for arguments in (("user", "create", "lou"), ("balance", "lou"), ("seed", "--users", "3"), ("audit",), ("doctor",)):
        ended = server.call(*arguments)
        assert ended.code == 0
        assert "\x1b" not in ended.out + ended.err
    assert "\x1b" not in run("--help", fresh=True).out
    assert "\x1b" not in run("balance", fresh=True).err


def test_a_terminal_gets_colour_unless_it_is_not_wanted(server: Server) -> None:
    arguments = ("doctor", "--data", str(server.data))
    with at_terminal(*arguments, fresh=True) as terminal:
        assert terminal.ends() == 0
        assert COLOUR.search(terminal.raw)
    with at_terminal(*arguments, env={"NO_COLOR": "1"}, fresh=True) as terminal:
        assert terminal.ends() == 0
        assert "Every check passed." in terminal.text
        assert not COLOUR.search(terminal.raw)


def test_tables_fit_into_eighty_columns(server: Server) -> None:
    server.customer("mona", USD="123456789.01")
    server.ask("deposit", "mona", "0.01", "--reference", "a reference that goes on for quite some time, to be sure")
    for arguments in (("statement", "mona"), ("balance", "mona"), ("user", "show", "mona"), ("doctor",), ("audit",)):
        with at_terminal(*arguments, "--data", str(server.data)) as terminal:
            assert terminal.ends() == 0
            assert max(map(len, terminal.text.splitlines())) <= 80
            assert "123,456,789.02" in terminal.text or arguments[-1] != "mona"


def test_tables_of_bets_leave_out_what_can_be_spared_before_they_cut_anything(server: Server) -> None:
    server.customer("vera", USD="5000")
    name = "The one with a name that goes on for quite some time, to be sure"
    market = open_market(server, name, "Thornbury", "Westhaven and all its friends")
    orders = [place(server, "vera", market, runner, "back", "3.5", "1234.50")["id"] for runner in ("1", "2")]
    commands = (("market", "list"), ("market", "show", market), ("order", "list", "vera"), ("positions", "vera"))
    for arguments in (*commands, ("order", "list", "vera", "--all")):
        for columns in (80, 200):
            with at_terminal(*arguments, "--data", str(server.data), columns=columns) as terminal:
                assert terminal.ends() == 0
            lines = terminal.text.splitlines()
            assert max(map(len, lines)) <= columns
            wanted = orders if arguments[0] == "order" else [market] if arguments[0] == "market" else ["Thornbury"]
            assert all(any(word in line for line in lines) for word in wanted), terminal.text
            assert ("Placed" in terminal.text) == (arguments[0] == "order" and columns == 200)


def test_text_from_outside_steers_no_terminal(server: Server) -> None:
    ended = server.call("balance", "\x1b[31mred[bold]")
    assert ended.code == 1
    assert "\x1b" not in ended.err
    assert "[bold]" in ended.err
