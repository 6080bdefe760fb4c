"""What cannot be undone is asked about, a number beats a name, ids beat names, and several are asked about."""

from tests.cli.exchange.betting import open_market, place, take_step
from tests.cli.program import Server, running
from tests.cli.terminal import at_terminal
from tests.folders import passable_folder


def status(server: Server, market: str) -> str:
    return server.ask("market", "show", market)["status"]


def test_what_cannot_be_undone_is_asked_about_at_a_terminal(server: Server) -> None:
    """Hold 24: destructive commands ask (`--yes`)."""
    market = open_market(server, "Ashford v Kelso", "Ashford", "Kelso")
    for answer, code, after in (("n\r", 1, "open"), ("\r", 1, "open"), ("\x03", 130, "open"), ("y\r", 0, "void")):
        with at_terminal("market", "void", market, "--data", str(server.data)) as terminal:
            assert terminal.shows("All bets on Ashford v Kelso are undone. Go on? [y/N]")
            terminal.type(answer)
            assert terminal.ends() == code, terminal.text
        assert status(server, market) == after


def test_where_nobody_can_be_asked_it_takes_an_option(server: Server) -> None:
    """Hold 24: destructive commands ask (`--yes`)."""
    market = open_market(server, "Relay", "Amber", "Cinder", "Nine")
    commands = (
        ("market", "remove-runner", market, "Nine", "--reduction-bps", "100"),
        ("market", "close", market),
        ("market", "settle", market, "--winner", "2", "--correction"),
        ("market", "void", market),
    )
    for arguments in commands:
        asked = server.call(*arguments)
        assert asked.code == 2, asked
        assert "Add --yes if it is meant." in asked.err
    assert status(server, market) == "open"
    assert server.call("market", "close", market, "--yes").code == 0


def test_a_number_beats_a_name_and_one_that_is_no_number_may_be_a_name(server: Server) -> None:
    """Hold 24: a number beats a name in `--winner`."""
    market = open_market(server, "Numbers", "2", "1", "77")
    server.call("market", "settle", market, "--winner", "1")
    winners = [runner for runner in server.ask("market", "show", market)["runners"] if runner["status"] == "winner"]
    assert [(runner["id"], runner["name"]) for runner in winners] == [("1", "2")]
    other = open_market(server, "More numbers", "2", "1", "77")
    told = server.call("market", "settle", other, "--winner", "77")
    assert "77 won" in told.out


def test_an_id_beats_a_name(server: Server) -> None:
    """Hold 24: ids beat names everywhere."""
    first = open_market(server, "First", "A", "B")
    named = open_market(server, first, "A", "B")
    assert server.ask("market", "show", first)["name"] == "First"
    assert server.ask("market", "show", named)["name"] == first
    payer, payee = server.customer("payer", USD="9"), server.customer("payee")
    assert server.call("transfer", payer, "@payee", "2").code == 0
    assert server.call("transfer", "payer", payee, "2").code == 0
    assert server.cash("payee") == "4.00"


def test_which_of_several_is_meant_is_asked(server: Server) -> None:
    """Hold 24: ambiguity is asked about."""
    north = open_market(server, "Harbour North", "Amber", "Ambrose")
    open_market(server, "Harbour South", "Amber", "Ambrose")
    unasked = server.call("market", "show", "Harbour")
    assert unasked.code == 2
    assert north in unasked.err
    with at_terminal("market", "suspend", "Harbour", "--data", str(server.data)) as terminal:
        assert terminal.shows("Which one? [1-2]")
        terminal.type("2\r")
        assert terminal.ends() == 0
    assert status(server, north) == "suspended"
    server.customer("asker", USD="50")
    bet = ("order", "place", "asker", "Harbour South", "Amb", "back", "3", "5")
    with at_terminal(*bet, "--data", str(server.data)) as terminal:
        assert terminal.shows("2  Ambrose")
        terminal.type("x\r")
        assert terminal.ends() == 2
    assert server.cash("asker") == "50.00"


def test_part_of_an_open_markets_name_hides_no_other_market_of_just_that_name(server: Server) -> None:
    """Hold 24: ambiguity is asked about."""
    over = open_market(server, "Derby", "A", "B")
    take_step(server, over, "void")
    open_market(server, "Derby day two", "A", "B")
    told = server.call("market", "show", "Derby")
    assert told.code == 2
    assert over in told.err


def test_amounts_have_as_many_digits_as_their_currency() -> None:
    """Hold 24: currency scales respected (JPY has no cents)."""
    yen = {"EVENS_CURRENCIES": "JPY:0,USD:2,BTC:8", "EVENS_CURRENCY": "JPY"}
    with passable_folder() as folder, running(["serve", "--port", "0"], folder / "data", yen) as server:
        server.customer("hana", JPY="120000", BTC="0.00000001")
        market = open_market(server, "Sumo", "East", "West", currency="JPY")
        place(server, "hana", market, "1", "back", "2.5", "1000")
        server.customer("yuki", JPY="120000")
        place(server, "yuki", market, "1", "lay", "2.5", "400")
        shown = "".join(
            server.call(*arguments).out
            for arguments in (
                ("market", "show", market), ("market", "list"), ("order", "list", "hana"), ("positions", "hana"),
                ("balance", "hana"), ("statement", "hana"), ("limits", "show", "hana"),
            )
        )  # fmt: skip
        assert "Matched      400 JPY" in shown
        assert "119,000" in shown
        assert "0.00000001" in shown
        for line in shown.splitlines():
            assert "JPY" not in line or ".00" not in line, line
        deposit = server.call("deposit", "hana", "1000.00")
        assert deposit.code == 1
        assert "fraction" in deposit.err
        assert server.call("deposit", "hana", "1000").out.startswith(
            "✓ 1,000 JPY came in for hana; hana has 120,000 JPY"
        )
        assert server.end() == 0
