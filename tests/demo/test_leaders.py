"""The simulator's leaders: each bets in a style of their own, within what is offered, and is copied within limits."""

from typing import Any

from evens.core.values.money import parse_amount
from evens.sim.leaders import FOLLOWERS, LEADERS, Leading, Pick
from evens.sim.newcomers import newcomers

NAMES = [customer.username for customer in newcomers(40)]


def runner(number: str, back: str | None, lay: str | None) -> dict[str, Any]:
    def waiting(odds: str | None) -> list[Any]:
        return [] if odds is None else [{"odds": odds}]

    return {"id": number, "to_back": waiting(back), "to_lay": waiting(lay)}


MARKETS = [
    {"id": "mkt_1", "runners": [runner("1", "3.00", "3.10"), runner("2", "1.90", "1.95"), runner("3", None, None)]}
]
EVENTS = [
    {
        "id": event,
        "markets": [
            {
                "key": "main",
                "status": "open",
                "selections": [
                    {"key": "home", "odds": "1.50", "status": "open"},
                    {"key": "away", "odds": "6.00", "status": "open"},
                    {"key": "never", "odds": "90.00", "status": "open"},
                    {"key": "gone", "odds": "1.20", "status": "removed"},
                ],
            }
        ],
    }
    for event in ("one", "two", "three")
]
ROUNDS = [{"pool": "minute", "sides": {"up": {"staked": "9.00"}, "down": {"staked": "10.00"}}}]


def picks(count: int = 300) -> list[Pick]:
    leading = Leading(NAMES)
    return [leading.turn(MARKETS, EVENTS, ROUNDS) for _ in range(count)]


def test_each_leader_bets_in_a_style_of_their_own() -> None:
    by_name = {leader.username: [pick for pick in picks() if pick.username == leader.username] for leader in LEADERS}
    assert all(by_name.values())
    for name, made in by_name.items():
        for pick in made:
            body = pick.body
            assert body is not None
            assert parse_amount(body.get("stake") or body["amount"], 2) > 0
            match name:
                case "cleo" | "milo":
                    side = "back" if name == "cleo" else "lay"
                    odds = "1.90" if name == "cleo" else "1.95"
                    assert (body["runner_id"], body["side"], body["odds"]) == ("2", side, odds)
                case "gus":
                    assert (body["selection"], pick.product) == ("away", "sportsbook")
                case "otto":
                    assert [leg["selection"] for leg in body["legs"]] == ["home", "home"]
                    assert len({leg["event_id"] for leg in body["legs"]}) == 2
                case _:
                    assert (body["pool"], body["side"], pick.product) == ("minute", "up", "pools")


def test_where_nothing_is_offered_nobody_bets() -> None:
    leading = Leading(NAMES)
    for _ in range(50):
        assert leading.turn([{"id": "mkt_1", "runners": [runner("1", None, None)]}], EVENTS[:0], []).body is None


def test_the_same_leaders_bet_the_same() -> None:
    assert picks(50) == picks(50)


def test_followers_have_different_limits_and_copy_leaders_who_are_there() -> None:
    assert {each.leader for each in FOLLOWERS} == {leader.username for leader in LEADERS}
    assert len({tuple(sorted(map(str, each.limits.items()))) for each in FOLLOWERS}) == len(FOLLOWERS)
    assert {each.username for each in FOLLOWERS}.isdisjoint(leader.username for leader in LEADERS)
    few = Leading(["ada", "bo", "cleo"])
    assert [leader.username for leader in few.leaders] == ["cleo"]
    assert [(each.username, each.leader) for each in few.followers] == [("ada", "cleo"), ("bo", "cleo")]
    assert Leading(["ada"]).leaders == ()
