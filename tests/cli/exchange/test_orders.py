"""The order commands: placing, changing and cancelling orders, and the positions that follow."""

from collections.abc import Iterator

import pytest

from tests.cli.exchange.betting import ended, match, open_market, place, take_step
from tests.cli.program import Server, call


@pytest.fixture(scope="module", autouse=True)
def bettors(server: Server) -> Iterator[None]:
    for name in ("ada", "bo"):
        server.customer(name, USD="1000")
    open_market(server, "Farleigh v Marlow", "Farleigh", "Draw", "Marlow")
    yield
    assert server.ask("audit")["ok"]


def test_a_bet_waits_and_is_matched_at_the_odds_that_waited(server: Server) -> None:
    for name in ("kim", "lou"):
        server.customer(name, USD="1000")
    waits = server.call("order", "place", "lou", "Farleigh v Marlow", "Draw", "lay", "3.75", "10")
    assert waits.out.startswith("✓ lou lays Draw: 10.00 USD at 3.75; 10.00 USD waits. ord_")
    better = server.call("order", "place", "kim", "Farleigh v Marlow", "draw", "back", "3.0", "4", "--ref", "mine")
    assert better.out.startswith("✓ kim backs Draw: 4.00 USD at 3; 4.00 USD at 3.75 matched. ord_")
    listed = server.call("order", "list", "lou").out
    assert "6.00" in listed
    mine = server.ask("order", "list", "kim", "--all")["items"]
    assert [(order["client_ref"], order["average_odds"]) for order in mine] == [("mine", "3.75")]
    shown = server.call("order", "show", mine[0]["id"]).out
    assert "back Draw at 3 or better" in shown
    assert "4.00 USD at 3.75" in shown
    assert "No order waits" in server.call("order", "list", "kim").out


def test_own_matches_are_listed_and_orders_found_by_their_reference(server: Server) -> None:
    """Hold 20: `evens order matches` has each fill, and `evens order list --ref` finds by one's own name."""
    server.call("order", "place", "bo", "Farleigh v Marlow", "Marlow", "lay", "2.5", "3")
    taken = server.ask("order", "place", "ada", "Farleigh v Marlow", "Marlow", "back", "2.5", "3", "--ref", "fill")
    found = server.ask("order", "matches", "ada", "--order", taken["id"])["items"]
    assert [(each["order_id"], each["odds"], each["size"]) for each in found] == [(taken["id"], "2.50", "3.00")]
    assert taken["id"] in server.call("order", "matches", "ada", "--market", "Farleigh v Marlow").out
    named = server.ask("order", "list", "ada", "--all", "--ref", "fill")["items"]
    assert [order["id"] for order in named] == [taken["id"]]


def test_an_order_is_changed_and_taken_back(server: Server) -> None:
    order = server.ask("order", "place", "ada", "Farleigh v", "1", "back", "50", "10")
    assert "10.00 USD at 60" in server.call("order", "replace", order["id"], "--odds", "60").out
    newest = server.ask("order", "list", "ada")["items"][0]["id"]
    reduced = server.ask("order", "cancel", newest, "--reduce-by", "4")
    assert (reduced["remaining"], reduced["cancelled"]) == ("6.00", "4.00")
    assert "cancelled" in server.call("order", "cancel", newest).out
    again = server.call("order", "cancel", newest)
    assert again.code == 1
    market = server.ask("market", "show", "Farleigh v")["id"]
    place(server, "ada", market, "1", "back", "50", "10")
    place(server, "ada", market, "3", "back", "70", "10")
    assert "Every unmatched order of ada is cancelled." in server.call("order", "cancel-all", "ada", "--yes").out
    assert server.ask("order", "list", "ada")["items"] == []


def test_now_or_not_at_all_takes_what_there_is_or_nothing(server: Server) -> None:
    market = open_market(server, "Brackwell v Dunmore", "Brackwell", "Dunmore")
    place(server, "bo", market, "1", "lay", "2.5", "3")
    nothing = server.ask("order", "place", "ada", market, "1", "back", "2.5", "10", "--fok")
    assert (nothing["status"], nothing["matched"]) == ("lapsed", "0.00")
    some = server.ask("order", "place", "ada", market, "1", "back", "2.5", "10", "--fok", "--min-fill", "2")
    assert (some["matched"], some["lapsed"]) == ("3.00", "7.00")


def test_an_order_in_play_waits_out_the_delay(server: Server) -> None:
    market = open_market(server, "Eastholm v Kelso", "Eastholm", "Kelso", bet_delay_seconds=30)
    take_step(server, market, "in-play")
    told = server.call("order", "place", "ada", market, "Kelso", "back", "2", "5").out
    assert "5.00 USD waits out the in-play delay" in told


def test_orders_persist_into_play_only_if_asked_to(server: Server) -> None:
    market = open_market(server, "Gorsefield v Linmouth", "Gorsefield", "Linmouth")
    stays = server.ask("order", "place", "ada", market, "1", "back", "90", "2", "--persist")["id"]
    goes = server.ask("order", "place", "ada", market, "2", "back", "90", "2")["id"]
    take_step(server, market, "in-play")
    take_step(server, market, "suspend")
    assert server.ask("order", "show", stays)["status"] == "executable"
    assert server.ask("order", "show", goes)["status"] == "lapsed"


def test_positions_show_the_profit_of_each_outcome_and_then_the_result(server: Server) -> None:
    server.customer("pia", USD="100")
    server.customer("tom", USD="100")
    market = open_market(server, "Race 3 at Kelso", "Cinder Path", "Bold Margin", commission_bps=500)
    assert "Nothing at stake." in server.call("positions", "pia").out
    match(server, market, "pia", "tom")
    told = server.call("positions", "pia", market).out
    assert "20.00" in told
    assert "-10.00" in told
    assert "(at risk: 10.00 USD)" in told
    take_step(server, market, "settle", winners=["1"])
    ended(server, market)
    assert "(settled: 20.00 USD less 1.00 USD commission)" in server.call("positions", "pia").out
    assert server.ask("positions", "tom", market)["items"][0]["profit"] == "-20.00"


def test_customers_bet_with_a_key_of_their_own(server: Server) -> None:
    server.customer("ivy", USD="50")
    made = call("api-key", "create", "--role", "customer", "--user", "ivy", "--data", str(server.data))
    own = {"EVENS_API_KEY": made.out.strip(), "EVENS_URL": server.url}
    order = call("order", "place", "me", "Farleigh v", "Marlow", "back", "80", "5", "--json", env=own)
    assert order.code == 0, order
    assert [item["id"] for item in call("order", "list", "me", "--json", env=own).document["items"]] == [
        order.document["id"]
    ]
    assert call("positions", "me", "--json", env=own).document["items"][0]["exposure"] == "5.00"
    assert call("order", "cancel-all", "me", "--yes", env=own).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ("Draw", "back", "3.01", "5"),
            1,
            "✗ These odds are not on the market's ladder; the nearest are 3.00 and 3.05.\n",
        ),
        (("Draw", "back", "3", "0.5"), 1, "✗ The stake must be at least 1.00 USD.\n"),
        (("Nobody", "back", "3", "5"), 1, "There are: 1 Farleigh, 2 Draw, 3 Marlow."),
        (("Draw", "back", "3", "5000000"), 1, "is needed and "),
        (("Draw", "back", "evens", "5"), 1, "odds must be decimal odds"),
        (("Draw", "back", "3", "5.001"), 1, "more than 2 fraction digits"),
        (("Draw", "sideways", "3", "5"), 2, "'sideways' is not one of 'back', 'lay'."),
        (("Draw", "back", "3", "5", "--min-fill", "2"), 2, "Add --fok"),
    ],
)
def test_a_refused_bet_shows_the_reason_once(server: Server, arguments: tuple[str, ...], code: int, told: str) -> None:
    refused = server.call("order", "place", "ada", "Farleigh v Marlow", *arguments)
    assert (refused.code, refused.out) == (code, "")
    assert refused.err.count(told) == 1, refused.err
    assert len(refused.err.splitlines()) == 1
    assert "Value error" not in refused.err


def test_a_change_of_nothing_is_a_mistake(server: Server) -> None:
    refused = server.call("order", "replace", "ord_1")
    assert refused.code == 2
    assert "Add --odds or --stake." in refused.err
