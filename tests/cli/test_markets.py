"""Markets by the command line: opened, found by name, led through their contest, and settled."""

from typing import Any

from tests.cli.program import Server


def open_market(server: Server, name: str, *runners: str, options: tuple[str, ...] = ()) -> Any:
    """Open a market and return it."""
    named = [word for runner in runners for word in ("--runner", runner)]
    return server.ask("market", "create", name, *named, *options)


def match(server: Server, market: str, runner: str, backer: str, layer: str) -> None:
    """Match ten at 3.0 between two customers."""
    server.ask("order", "place", layer, market, runner, "lay", "3.0", "10")
    order = server.ask("order", "place", backer, market, runner, "back", "3.0", "10")
    assert order["status"] == "complete"


def settled(server: Server, market_id: str) -> Any:
    """Watch a market until its result is booked, and return it."""
    last = server.run("watch", market_id, "--json").out.splitlines()[-1]
    assert last, "a market that is settled is told of"
    return server.ask("market", "show", market_id)


def test_a_market_is_opened_listed_and_shown(server: Server) -> None:
    options = ("--starts-at", "2030-01-01T15:30:00Z", "--commission-bps", "250", "--event", "cup-7", "--min-stake", "2")
    opened = open_market(server, "Ashford v Kelso", "Ashford", "Draw", "Kelso", options=options)
    assert opened["starts_at"] == "2030-01-01T15:30:00Z"
    assert [runner["name"] for runner in opened["runners"]] == ["Ashford", "Draw", "Kelso"]
    listed = server.run("market", "list").out
    assert opened["id"] in listed
    assert "2030-01-01 15:30:00" in listed
    shown = server.run("market", "show", "Ashford v Kelso").out
    for told in ("Ashford v Kelso  open", "cup-7", "2.5 %", "2.00 USD", "Draw"):
        assert told in shown
    assert server.ask("market", "show", opened["id"])["event"] == "cup-7"


def test_a_house_without_markets_says_how_to_open_one(server: Server) -> None:
    for market in server.ask("market", "list")["items"]:
        server.ask("market", "void", market["id"])
        settled(server, market["id"])
    assert "evens market create NAME" in server.run("market", "list").out
    assert "void" in server.run("market", "list", "--all").out


def test_a_market_is_known_by_as_much_of_its_name_as_no_other_has(server: Server) -> None:
    first = open_market(server, "Harwick v Marlow", "Harwick", "Marlow")
    second = open_market(server, "Harwick Stakes", "Iron Promise", "Tall Order")
    assert server.ask("market", "show", "harwick v")["id"] == first["id"]
    assert server.ask("market", "show", "STAKES")["id"] == second["id"]
    ambiguous = server.run("market", "show", "Harwick")
    assert ambiguous.code == 2
    assert all(f"{market['id']} ({market['name']})" in ambiguous.err for market in (first, second))


def test_a_market_that_is_open_comes_before_those_of_its_name_that_are_over(server: Server) -> None:
    over = open_market(server, "Penrith v Kelso", "Penrith", "Kelso")
    server.ask("market", "void", over["id"])
    settled(server, over["id"])
    assert server.ask("market", "show", "Penrith v Kelso")["id"] == over["id"]
    again = open_market(server, "Penrith v Kelso", "Penrith", "Kelso")
    assert server.ask("market", "show", "Penrith v Kelso")["id"] == again["id"]


def test_an_unknown_market_is_told_with_where_to_look(server: Server) -> None:
    unknown = server.run("market", "show", "Nowhere")
    assert unknown.code == 1
    assert unknown.err == "✗ There is no market called Nowhere. To see them: evens market list\n"
    assert "no such market" in server.run("market", "show", "mkt_999999").err


def test_a_market_is_led_through_its_contest_and_everybody_is_paid(server: Server) -> None:
    server.customer("backer", USD="100")
    server.customer("layer", USD="100")
    options = ("--commission-bps", "500", "--bet-delay", "0")
    market = open_market(server, "Race 9 at Oakhurst", "Quiet Word", "Nine Bells", options=options)["id"]
    match(server, market, "Quiet", "backer", "layer")
    assert "is suspended." in server.run("market", "suspend", market).out
    refused = server.run("order", "place", "backer", market, "1", "back", "3", "10")
    assert refused.code == 1
    assert "suspended" in refused.err
    assert "takes orders again." in server.run("market", "resume", market).out
    assert "is in-play." in server.run("market", "in-play", market).out
    assert "in-play" in server.run("market", "show", market).out
    assert "evens market settle" in server.run("market", "close", market).out
    told = server.run("market", "settle", market, "--winner", "quiet").out
    assert "is settled: Quiet Word won." in told
    assert settled(server, market)["status"] == "settled"
    assert (server.cash("backer"), server.cash("layer")) == ("119.00", "80.00")
    assert "Quiet Word won" in server.run("market", "list", "--all").out
    assert "Quiet Word ✓" in server.run("market", "show", market).out


def test_a_result_is_corrected_only_when_that_is_meant(server: Server) -> None:
    server.customer("cora", USD="100")
    server.customer("leo", USD="100")
    market = open_market(server, "Calder v Thornbury", "Calder", "Thornbury", options=("--commission-bps", "0"))["id"]
    match(server, market, "1", "cora", "leo")
    server.ask("market", "settle", market, "--winner", "1")
    settled(server, market)
    again = server.run("market", "settle", market, "--winner", "2")
    assert again.code == 1
    assert server.cash("cora") == "120.00"
    server.ask("market", "settle", market, "--winner", "Thornbury", "--correction")
    settled(server, market)
    assert (server.cash("cora"), server.cash("leo")) == ("90.00", "110.00")
    assert server.ask("audit")["ok"]


def test_a_runner_that_will_not_run_is_taken_out(server: Server) -> None:
    server.customer("rae", USD="100")
    server.customer("lou", USD="100")
    market = open_market(server, "Race 10 at Oakhurst", "Fair Copy", "Tall Order", "Paper Moon")["id"]
    match(server, market, "Fair Copy", "rae", "lou")
    told = server.run("market", "remove-runner", market, "fair", "--reduction-bps", "1500").out
    assert "goes on without Fair Copy" in told
    assert "Fair Copy (removed)" in server.run("market", "show", market).out
    server.ask("market", "void", market)
    settled(server, market)
    assert (server.cash("rae"), server.cash("lou")) == ("100.00", "100.00")


def test_the_same_key_opens_one_market(server: Server) -> None:
    first = open_market(
        server, "Once v Twice", "Once", "Twice", options=("--key", "market-1", "--starts-at", "2030-01-01")
    )
    again = open_market(
        server, "Once v Twice", "Once", "Twice", options=("--key", "market-1", "--starts-at", "2030-01-01")
    )
    assert again["id"] == first["id"]


def test_what_cannot_be_a_market_is_refused_in_words(server: Server) -> None:
    alone = server.run("market", "create", "Alone", "--runner", "One")
    assert (alone.code, alone.out) == (1, "")
    assert "runners" in alone.err
    nobody = open_market(server, "Marlow v Queensby", "Marlow", "Queensby")["id"]
    unknown = server.run("market", "settle", nobody, "--winner", "Kelso")
    assert unknown.code == 1
    assert "There are: 1 Marlow, 2 Queensby." in unknown.err
