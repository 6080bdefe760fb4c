"""`evens user tags` and `evens user exclude`."""

from tests.cli.program import Server


def test_tags_are_set_shown_and_taken_away(server: Server) -> None:
    """Hold 12: an operator's tags say who belongs together."""
    server.customer("tagged")
    told = server.call("user", "tags", "tagged", "team", "card:5f2c").out
    assert "The tags of tagged are now: card:5f2c, team." in told
    assert server.ask("user", "tags", "tagged")["tags"] == ["card:5f2c", "team"]
    assert server.ask("user", "tags", "tagged", "--none")["tags"] == []
    assert server.call("user", "tags", "tagged", "team", "--none").code == 2
    assert server.call("user", "tags", "tagged", "Two words").code == 1


def test_a_customer_is_excluded_at_their_wish(server: Server) -> None:
    """Hold 13: by the same path as freezing, until a moment."""
    server.customer("away")
    assert server.ask("user", "exclude", "away")["until"] is None
    shown = server.call("user", "exclude", "away").out
    assert [line.split() for line in shown.splitlines()] == [["Customer", "away"], ["Self-exclusion", "none"]]
    told = server.call("user", "exclude", "away", "--until", "2099-01-01T00:00:00Z").out
    assert "away is excluded until" in told
    assert server.ask("user", "show", "away")["status"] == "frozen"
    assert server.call("user", "exclude", "away", "--until", "2098-01-01T00:00:00Z").code == 1
