"""`evens follow`: two people at their terminals, one of whom copies what the other bets."""

from typing import Any, get_args

import pytest

from evens.edges.cli.social.follow_wording import REASONS
from evens.edges.http.social.following_shapes import SkipReasonName
from tests.cli.exchange.betting import open_market, place
from tests.cli.program import Ended, Server, eventually

REFUSED = 1
MISUSED = 2
CAPS = ("--allocation", "100", "--per-bet-cap", "20", "--daily-cap", "50")


class Person:
    """Somebody with a key of their own."""

    def __init__(self, server: Server, name: str, **cash: str) -> None:
        self.id = server.customer(name, **cash)
        self._server = server
        self._key = server.ask("api-key", "create", "--role", "customer", "--user", name)["key"]

    def call(self, *arguments: str) -> Ended:
        return self._server.call(*arguments, EVENS_API_KEY=self._key, EVENS_URL=self._server.url)

    def ask(self, *arguments: str) -> Any:
        return self._server.ask(*arguments, EVENS_API_KEY=self._key, EVENS_URL=self._server.url)


def leader(server: Server, name: str) -> Person:
    """Return somebody with 1,000.00 USD who lets others copy."""
    person = Person(server, name, USD="1000")
    assert person.ask("profile", "set", "--copyable")["copyable"]
    return person


def test_a_follow_is_begun_seen_changed_paused_and_ended(server: Server) -> None:
    leader(server, "lea")
    bob = Person(server, "bob", USD="100")
    assert "You follow nobody." in bob.call("follow", "list").out
    begun = bob.call("follow", "start", "lea", "--stake", "5", *CAPS)
    said = "✓ bob follows lea: 5.00 USD each, at most 20.00 a bet and 50.00 a day, 100.00 USD in all. fol_"
    assert begun.out.startswith(said), begun
    (row,) = bob.ask("follow", "list")["items"]
    assert (row["leader"], row["mode"], row["products"]) == ("lea", "fixed", ["exchange", "sportsbook"])
    assert [row["id"], "lea", "active"] == bob.call("follow", "list").out.splitlines()[-1].split()[:3]

    changed = bob.ask("follow", "change", "LEA", "--ratio", "0.25", "--min-odds", "1.5", "--product", "pools")
    assert (changed["mode"], changed["stake"], changed["ratio"]) == ("proportional", None, "0.25")
    assert (changed["min_odds"], changed["products"], changed["daily_cap"]) == ("1.50", ["pools"], "50.00")
    market = open_market(server, "Only Here", "Amber", "Cinder")
    bounded = bob.ask("follow", "change", row["id"], "--min-odds", "none", "--stop-loss", "40", "--market", market)
    assert (bounded["min_odds"], bounded["stop_loss_percent"], bounded["markets"]) == (None, 40, [market])
    shown = " ".join(bob.call("follow", "show", "@lea").out.split())
    for text in ("0.00 of 100.00 USD that are left", "25.0 %", f"Only in {market}", "when 40 % of the allocation"):
        assert text in shown
    free = bob.ask("follow", "change", "lea", "--stop-loss", "none", "--market", "none")
    assert (free["stop_loss_percent"], free["markets"]) == (None, [])

    assert "bob copies nothing for now of lea." in bob.call("follow", "pause", "lea").out
    assert bob.ask("follow", "show", "lea")["status"] == "paused"
    assert "bob follows lea: 25.0 % of their stake each" in bob.call("follow", "resume", "lea").out
    assert "bob no longer follows lea." in bob.call("follow", "stop", "lea").out
    assert "You follow nobody." in bob.call("follow", "list").out
    assert [each["status"] for each in bob.ask("follow", "list", "--all")["items"]] == ["ended"]
    again = bob.call("follow", "stop", "lea")
    assert (again.code, "You do not follow lea." in again.err) == (REFUSED, True), again


def has_copies(person: Person, count: int) -> bool:
    return len(person.ask("follow", "copies", "lil")["items"]) == count


def test_a_match_of_the_leader_is_copied_and_one_that_cannot_be_is_told_why(server: Server) -> None:
    leader(server, "lil")
    bea = Person(server, "bea", USD="100")
    server.customer("max", USD="1000")
    bea.ask("follow", "start", "lil", "--stake", "5", "--slippage", "0", *CAPS)
    assert "lil has bet nothing since" in bea.call("follow", "copies", "lil").out
    market = open_market(server, "Copied Stakes", "Amber", "Cinder")
    # The second time, everything at 3.0 is gone when the copy comes.
    place(server, "max", market, "1", "lay", "3.0", "15")
    assert place(server, "lil", market, "1", "back", "3.0", "10")["status"] == "complete"
    assert eventually(lambda: has_copies(bea, 1))
    place(server, "max", market, "1", "lay", "3.0", "10")
    assert place(server, "lil", market, "1", "back", "3.0", "10")["status"] == "complete"
    assert eventually(lambda: has_copies(bea, 2))
    skipped, copied = bea.ask("follow", "copies", "lil")["items"]
    assert (copied["status"], copied["matched"], copied["average_odds"]) == ("copied", "5.00", "3.00")
    assert (skipped["status"], skipped["reason"], skipped["bet_id"]) == ("skipped", "slippage", None)
    out = bea.call("follow", "copies", "lil").out
    assert copied["bet_id"] in out
    assert "the odds were worse than you allow" in out
    assert bea.ask("follow", "show", "lil")["allocation_used"] == "5.00"
    (order,) = bea.ask("order", "list", "me", "--all")["items"]
    assert (order["id"], order["matched"]) == (copied["bet_id"], "5.00")


def test_the_fee_of_a_leader_is_said_and_agreed_to_before_they_are_followed(server: Server) -> None:
    fay, gus = leader(server, "fay"), Person(server, "gus", USD="100")
    assert "Fee 12.5 % of net profit" in " ".join(fay.call("profile", "set", "--fee", "0.125").out.split())
    assert "Can be copied for 12.5 % of the net profit." in gus.call("profile", "show", "fay").out
    unasked = gus.call("follow", "start", "fay", "--stake", "5", *CAPS)
    assert (unasked.code, "fay takes 12.5 % of what" in unasked.err, "--fee 0.125" in unasked.err) == (
        MISUSED,
        True,
        True,
    ), unasked
    other = gus.call("follow", "start", "fay", "--stake", "5", "--fee", "0.1", *CAPS)
    assert (other.code, "give performance_fee 0.125" in other.err) == (REFUSED, True), other
    begun = gus.ask("follow", "start", "fay", "--stake", "5", "--fee", "0.125", *CAPS)
    assert begun["performance_fee"] == "0.125"
    assert "12.5 %" in gus.call("follow", "list").out
    shown = " ".join(gus.call("follow", "show", "fay").out.split())
    assert "12.5 % of 0.00 USD, the most that was won: 0.00 USD paid" in shown


def test_what_cannot_be_followed_is_said(server: Server) -> None:
    ann = Person(server, "ann", USD="100")
    Person(server, "sol")
    for arguments, said in (
        (("sol", "--stake", "5"), "does not let others copy"),
        (("whoever", "--stake", "5"), "There is no such user to follow"),
        (("sol", "--stake", "x"), "stake"),
    ):
        ended = ann.call("follow", "start", *arguments, *CAPS)
        assert (ended.code, said in ended.err) == (REFUSED, True), ended
    operator = server.call("follow", "start", "sol", "--stake", "5", *CAPS)
    assert (operator.code, "Operators" in operator.err) == (REFUSED, True), operator


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "sol", *CAPS),
        ("start", "sol", "--stake", "5", "--ratio", "0.5", *CAPS),
        ("start", "sol", "--stake", "5", "--allocation", "100"),
        ("start", "sol", "--stake", "5", "--product", "horses", *CAPS),
        ("change", "fol_1"),
        ("change", "fol_1", "--stop-loss", "half"),
        ("change", "fol_1", "--stake", "5", "--ratio", "0.5"),
    ],
)
def test_what_cannot_be_meant_is_misused(server: Server, arguments: tuple[str, ...]) -> None:
    assert server.call("follow", *arguments).code == MISUSED


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(get_args(SkipReasonName))
