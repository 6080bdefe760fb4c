"""What operators do by command: a market's bets, payouts, freezing, discounts, receivables, challenges, keys."""

import pytest

from tests.cli.exchange.betting import ended, match, open_market, place, take_step
from tests.cli.program import Server, call


def words(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in text.splitlines()]


@pytest.fixture(scope="module")
def market(server: Server) -> str:
    """Return a market with a bet between vera, who backs Amber, and walt, and an order of vera's that waits."""
    server.customer("vera", USD="100")
    server.customer("walt", USD="100")
    market = open_market(server, "Oakhurst Cup", "Amber", "Cinder", "Nine", commission_bps=500)
    match(server, market, "vera", "walt")
    place(server, "vera", market, "2", "back", "8.0", "2")
    return market


def test_a_markets_orders_positions_and_trades_are_shown(server: Server, market: str) -> None:
    """Hold 21: a market's orders, positions and trades by command."""
    waiting = server.call("market", "orders", "Oakhurst").out
    assert ["vera", "Cinder", "back", "8", "2.00", "0.00", "2.00", "executable"] in [row[-8:] for row in words(waiting)]
    assert "walt" not in waiting
    assert len(server.ask("market", "orders", market, "--all")["items"]) == 3
    positions = words(server.call("market", "positions", market).out)
    assert ["vera", "Amber", "20.00", "12.00"] in positions
    assert ["walt", "Amber", "-20.00", "20.00"] in positions
    trades = words(server.call("market", "trades", market).out)
    assert [row[-4:] for row in trades if row[-1:] == ["10.00"]] == [["Amber", "back", "3", "10.00"]]
    assert server.ask("market", "trades", market, "--runner", "Nine")["items"] == []
    assert "Nothing was matched." in server.call("market", "trades", market, "--runner", "3").out


def test_a_markets_matches_are_shown_with_whose_they_are(server: Server, market: str) -> None:
    """Hold 21: a market's matches by command."""
    rows = words(server.call("market", "matches", market).out)
    assert ["vera", "Amber", "back", "3", "10.00"] in [row[-5:] for row in rows]
    assert ["walt", "Amber", "lay", "3", "10.00"] in [row[-5:] for row in rows]


def test_projected_payouts_are_shown(server: Server, market: str) -> None:
    """Hold 21: projected payouts by command."""
    rows = words(server.call("market", "payouts", market).out)
    assert ["Amber", "1", "win,", "1", "lose", "20.00", "1.00", "19.00", "20.00", "0.00"] in rows
    assert ["Nine", "1", "win,", "1", "lose", "10.00", "0.50", "9.50", "10.00", "0.00"] in rows
    (only,) = server.ask("market", "payouts", market, "--winner", "Amber")["items"]
    assert (only["winners"], only["paid"]) == (["1"], "19.00")


def test_a_user_is_frozen_and_unfrozen(server: Server) -> None:
    """Hold 21: freeze by command."""
    server.customer("fritz", USD="5")
    assert server.call("user", "freeze", "fritz").code == 2
    assert "fritz is frozen" in server.call("user", "freeze", "fritz", "--yes").out
    assert server.ask("user", "show", "fritz")["status"] == "frozen"
    assert server.call("withdraw", "fritz", "1").code == 1
    assert "can move money again" in server.call("user", "unfreeze", "fritz").out
    assert server.ask("user", "show", "fritz")["status"] == "active"


def test_discounts_are_set_shown_and_listed(server: Server) -> None:
    """Hold 21: discounts by command."""
    server.customer("dora")
    assert "Everybody pays the whole commission." in server.call("discount", "list").out
    assert "dora pays 12.5 % less commission." in server.call("discount", "set", "dora", "1250").out
    assert "dora pays 12.5 % less commission." in server.call("discount", "show", "dora").out
    assert ["dora", "12.5", "%"] in words(server.call("discount", "list").out)


def test_receivables_are_listed(server: Server) -> None:
    """Hold 21: receivables by command."""
    assert "Nobody owes the house anything." in server.call("receivables").out
    server.customer("rex", USD="10")
    server.customer("sue", USD="20")
    market = open_market(server, "To be corrected", "Amber", "Cinder", commission_bps=0)
    match(server, market, "rex", "sue")
    take_step(server, market, "settle", winners=["1"])
    ended(server, market)
    server.ask("withdraw", "rex", "30")
    take_step(server, market, "settle", winners=["2"], correction=True)
    ended(server, market)
    assert ["rex", "30.00", "USD"] in words(server.call("receivables").out)
    (owed,) = server.ask("receivables")["items"]
    assert owed["owed"] == "30.00"


def test_challenges_are_offered_accepted_resolved_disputed_and_ruled(server: Server) -> None:
    """Hold 21: challenges by command."""
    for name in ("carl", "cleo"):
        server.customer(name, USD="50")
    server.customer("judge")
    offer = ("challenge", "offer", "carl", "Carl runs faster", "back", "2.5", "10")
    assert server.call(*offer).code == 2
    assert server.call("challenge", "list", "--public").out == "Nobody offers a public challenge now.\n"
    assert server.call("challenge", "list", "--disputed").out == "No challenge waits for the operator's word.\n"
    assert server.call("challenge", "list", "carl").out == "carl has no challenges.\n"
    offered = server.ask(*offer, "--resolver", "judge", "--public")
    token, link = offered["token"], offered["url"]
    assert "Carl runs faster" in server.call("challenge", "list", "--public").out
    assert "nobody yet" in server.call("challenge", "show", link).out
    assert server.ask("challenge", "accept", "cleo", link)["status"] == "accepted"
    assert "is resolved: won" in server.call("challenge", "resolve", "judge", token, "won").out
    assert server.ask("challenge", "dispute", "cleo", token)["status"] == "disputed"
    assert token in server.call("challenge", "list", "--disputed").out
    assert "Add --yes" in server.call("challenge", "rule", token, "void").err
    assert server.ask("challenge", "rule", token, "void", "--yes")["outcome"] == "void"
    assert (server.cash("carl"), server.cash("cleo")) == ("50.00", "50.00")
    told = server.call(*offer, "--resolver", "judge").out
    link = next(line for line in told.splitlines() if "http" in line).split()[-1]
    assert server.ask("challenge", "show", link)["url"] == link
    assert server.ask("challenge", "cancel", "carl", link)["status"] == "cancelled"
    assert [each["status"] for each in server.ask("challenge", "list", "carl")["items"]] == ["cancelled", "settled"]


def test_a_challenge_on_a_runner_names_both_market_and_runner(server: Server, market: str) -> None:
    server.customer("ruth", USD="50")
    offer = ("challenge", "offer", "ruth", "Amber wins", "lay", "3", "5", "--market", "Oakhurst Cup")
    assert server.call(*offer).code == 2
    offered = server.ask(*offer, "--runner", "Amber")
    assert offered["runner"]["market_id"] == market
    assert "Amber in Oakhurst Cup" in server.call("challenge", "list", "ruth").out


def test_keys_are_listed_and_revoked(server: Server) -> None:
    """Hold 21: keys by command."""
    kim = server.customer("kim")
    made = server.ask("api-key", "create", "--role", "customer", "--user", kim, "--name", "laptop")
    own = {"EVENS_API_KEY": made["key"], "EVENS_URL": server.url}
    assert call("balance", "me", env=own).code == 0
    (key,) = (key for key in server.ask("api-key", "list")["items"] if key["name"] == "laptop")
    assert [key["id"], "customer", "kim", "laptop"] in [row[:4] for row in words(server.call("api-key", "list").out)]
    assert server.call("api-key", "revoke", key["id"]).code == 2
    assert "(laptop) is revoked." in server.call("api-key", "revoke", key["id"], "--yes").out
    assert call("balance", "me", env=own).code == 1
    assert key["id"] not in server.call("api-key", "list").out
    assert key["id"] in server.call("api-key", "list", "--all").out
    assert "There is no key" in server.call("api-key", "revoke", "key_none", "--yes").err
