"""The market commands: opening, finding by name, managing and settling markets."""

from inspect import signature

from evens.edges.cli.exchange.market_commands import markets
from evens.edges.http.exchange.bodies import MarketBody
from tests.cli.exchange.betting import at_rest, ended, match, open_market, take_step
from tests.cli.program import Server


def test_a_market_is_opened_listed_and_shown(server: Server) -> None:
    options = ("--starts-at", "2030-01-01T15:30:00Z", "--commission-bps", "250", "--event", "cup-7", "--min-stake", "2")
    runners = ("--runner", "Ashford", "--runner", "Draw", "--runner", "Kelso")
    opened = server.ask("market", "create", "Ashford v Kelso", *runners, *options)
    assert opened["starts_at"] == "2030-01-01T15:30:00Z"
    assert [runner["name"] for runner in opened["runners"]] == ["Ashford", "Draw", "Kelso"]
    listed = server.call("market", "list").out
    assert opened["id"] in listed
    assert "2030-01-01 15:30:00" in listed
    shown = server.call("market", "show", "Ashford v Kelso").out
    for told in ("Ashford v Kelso  open", "cup-7", "2.5 %", "2.00 USD", "Draw"):
        assert told in shown
    assert server.ask("market", "show", opened["id"])["event"] == "cup-7"


def test_a_market_says_what_contest_it_is_about_and_where(server: Server) -> None:
    about = {"event_type": "Tennis", "competition": "Kelso Open", "country": "GB", "venue": "Centre Court"}
    asked = about | {"market_type": "MATCH_ODDS"}
    options = [word for name, text in asked.items() for word in (f"--{name.replace('_', '-')}", text)]
    opened = server.ask("market", "create", "Ivo v Jon", "--runner", "Ivo", "--runner", "Jon", *options)
    assert {name: opened[name] for name in asked} == asked
    shown = server.call("market", "show", opened["id"]).out
    for told in ("Tennis", "Kelso Open", "Centre Court, GB", "MATCH_ODDS"):
        assert told in shown
    wrong = server.call("market", "create", "Ivo v Kim", "--runner", "Ivo", "--runner", "Kim", "--country", "Britain")
    assert wrong.code != 0
    assert "country" in wrong.err


def test_every_field_of_a_new_market_has_an_option() -> None:
    create = next(command for command in markets.registered_commands if command.name == "create")
    assert create.callback is not None
    named = {"ladder_name": "ladder", "bet_delay": "bet_delay_seconds"}
    taken = {named.get(name, name) for name in signature(create.callback).parameters}
    assert MarketBody.model_fields.keys() - taken == set()


def test_an_empty_list_of_markets_shows_how_to_open_one(server: Server) -> None:
    for market in server.ask("market", "list")["items"]:
        assert "everybody has back what they staked" in server.call("market", "void", market["id"], "--yes").out
        ended(server, market["id"])
    assert "evens market create NAME" in server.call("market", "list").out
    assert "void" in server.call("market", "list", "--all").out


def test_a_market_is_known_by_as_much_of_its_name_as_no_other_has(server: Server) -> None:
    first = open_market(server, "Harwick v Marlow", "Harwick", "Marlow")
    second = open_market(server, "Harwick Stakes", "Iron Promise", "Tall Order")
    assert server.ask("market", "show", "harwick v")["id"] == first
    assert server.ask("market", "show", "STAKES")["id"] == second
    both = ((first, "Harwick v Marlow"), (second, "Harwick Stakes"))
    ambiguous = server.call("market", "show", "Harwick")
    assert ambiguous.code == 2
    assert all(f"{market} ({name})" in ambiguous.err for market, name in both)


def test_a_market_that_is_open_comes_before_those_of_its_name_that_are_over(server: Server) -> None:
    over = open_market(server, "Penrith v Kelso", "Penrith", "Kelso")
    take_step(server, over, "void")
    ended(server, over)
    assert server.ask("market", "show", "Penrith v Kelso")["id"] == over
    again = open_market(server, "Penrith v Kelso", "Penrith", "Kelso")
    assert server.ask("market", "show", "Penrith v Kelso")["id"] == again


def test_an_unknown_market_is_an_error_with_advice(server: Server) -> None:
    unknown = server.call("market", "show", "Nowhere")
    assert unknown.code == 1
    assert unknown.err == "✗ There is no market called Nowhere. To see them: evens market list\n"
    assert "no such market" in server.call("market", "show", "mkt_999999").err


def test_a_market_is_led_through_its_contest_and_everybody_is_paid(server: Server) -> None:
    server.customer("backer", USD="100")
    server.customer("layer", USD="100")
    market = open_market(server, "Race 9 at Oakhurst", "Quiet Word", "Nine Bells", commission_bps=500)
    match(server, market, "backer", "layer")
    assert "is suspended." in server.call("market", "suspend", market).out
    refused = server.call("order", "place", "backer", market, "1", "back", "3", "10")
    assert refused.code == 1
    assert "suspended" in refused.err
    assert "takes orders again." in server.call("market", "resume", market).out
    assert "is in-play." in server.call("market", "in-play", market).out
    assert "in-play" in server.call("market", "show", market).out
    assert "evens market settle" in server.call("market", "close", market, "--yes").out
    told = server.call("market", "settle", market, "--winner", "quiet").out
    assert "is settled: Quiet Word won." in told
    assert ended(server, market)["status"] == "settled"
    assert (server.cash("backer"), server.cash("layer")) == ("119.00", "80.00")
    assert "Quiet Word won" in server.call("market", "list", "--all").out
    assert "Quiet Word ✓" in server.call("market", "show", market).out


def test_a_result_is_corrected_only_when_that_is_meant(server: Server) -> None:
    server.customer("cora", USD="100")
    server.customer("leo", USD="100")
    market = open_market(server, "Calder v Thornbury", "Calder", "Thornbury", commission_bps=0)
    match(server, market, "cora", "leo")
    take_step(server, market, "settle", winners=["1"])
    ended(server, market)
    again = server.call("market", "settle", market, "--winner", "2")
    assert again.code == 1
    assert server.cash("cora") == "120.00"
    server.ask("market", "settle", market, "--winner", "Thornbury", "--correction", "--yes")
    ended(server, market)
    assert (server.cash("cora"), server.cash("leo")) == ("90.00", "110.00")
    assert server.ask("audit")["ok"]


def test_a_runner_that_will_not_run_is_taken_out_and_brought_back(server: Server) -> None:
    """Hold 15: a removal can be taken back."""
    server.customer("rae", USD="100")
    server.customer("lou", USD="100")
    market = open_market(server, "Race 10 at Oakhurst", "Fair Copy", "Tall Order", "Paper Moon")
    match(server, market, "rae", "lou")
    told = server.call("market", "remove-runner", market, "fair", "--reduction-bps", "1500", "--yes").out
    assert "goes on without Fair Copy" in told
    assert "Fair Copy (removed)" in server.call("market", "show", market).out
    at_rest(server, market)
    told = server.call("market", "reinstate-runner", market, "fair").out
    assert "goes on with Fair Copy; it is suspended until: evens market resume" in told
    at_rest(server, market)
    unclear = server.call("market", "settle", market)
    assert "--nobody" in unclear.err
    take_step(server, market, "void")
    ended(server, market)
    assert (server.cash("rae"), server.cash("lou")) == ("100.00", "100.00")


def test_the_same_key_opens_one_market(server: Server) -> None:
    command = ("market", "create", "Once v Twice", "--runner", "Once", "--runner", "Twice", "--starts-at", "2030-01-01")
    first = server.ask(*command, "--key", "market-1")
    assert server.ask(*command, "--key", "market-1")["id"] == first["id"]


def test_what_cannot_be_a_market_is_refused_in_words(server: Server) -> None:
    alone = server.call("market", "create", "Alone", "--runner", "One")
    assert (alone.code, alone.out) == (1, "")
    assert "runners" in alone.err
    market = open_market(server, "Marlow v Queensby", "Marlow", "Queensby")
    unknown = server.call("market", "settle", market, "--winner", "Kelso")
    assert unknown.code == 1
    assert "There are: 1 Marlow, 2 Queensby." in unknown.err
