"""`evens limits`: setting and showing what may be deposited."""

from tests.cli.program import Server


def test_limits_are_set_shown_and_kept(server: Server) -> None:
    server.customer("lim", USD="40")
    made = server.ask("limits", "set", "lim", "--day", "100", "--week", "300")
    assert made["deposit"] == {"day": "100.00", "week": "300.00", "month": None}
    shown = server.call("limits", "show", "lim").out
    assert [line.split() for line in shown.splitlines() if line.strip().startswith("A ")] == [
        ["A", "day", "100.00", "40.00"],
        ["A", "week", "300.00", "40.00"],
        ["A", "month", "none", "40.00"],
    ]
    refused = server.call("deposit", "lim", "60.01")
    assert refused.code == 1
    assert "limit is 100.00 USD a day; 60.00 USD more can be deposited" in refused.err


def test_what_is_left_out_stays_as_it_was_asked_for(server: Server) -> None:
    server.customer("len")
    server.ask("limits", "set", "len", "--day", "100", "--week", "300")
    raised = server.ask("limits", "set", "len", "--week", "500")
    assert raised["deposit"] == {"day": "100.00", "week": "300.00", "month": None}
    lowered = server.ask("limits", "set", "len", "--day", "50")
    assert lowered["deposit"]["day"] == "50.00"
    assert lowered["raises"] == raised["raises"]
    told = server.call("limits", "set", "len", "--day", "none").out
    assert "The deposit limits of len are set." in told
    assert "none from" in told
    assert "500.00 from" in told


def test_an_empty_limit_is_refused(server: Server) -> None:
    server.customer("lex")
    ended = server.call("limits", "set", "lex", "--day", "")
    assert ended.code == 1
    assert "deposit.day" in ended.err


def test_nothing_to_set_is_misuse(server: Server) -> None:
    server.customer("leo2")
    ended = server.call("limits", "set", "leo2")
    assert (ended.code, ended.out) == (2, "")
    assert "--day, --week or --month" in ended.err
