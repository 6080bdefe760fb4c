"""Whether an exchange is intact, seen from outside: its orders, its book, its trades and its money fit together."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.cli.program import Server, run
from tests.faults.bettors import QUIET_RUNNER, RUNNERS, Bettors
from tests.faults.desk import Desk, until_so

_ALL_RUNNERS = (*RUNNERS, QUIET_RUNNER)

Order = dict[str, Any]
Levels = dict[tuple[str, str], list[tuple[Decimal, Decimal, int]]]
"""By runner and side, next to be matched first: odds, stake and how many orders."""

_TERMS = ("user_id", "market_id", "runner_id", "side", "odds", "stake", "time_in_force", "placed_at", "client_ref")
_SPENT = ("matched", "cancelled", "lapsed")


async def assert_intact(desk: Desk, bettors: Bettors) -> list[Order]:
    """Hold a market that nobody bets in at the moment against all that its bettors were told; return their orders."""
    orders = [order for customer in bettors.customers for order in await orders_of(desk, customer)]
    assert_none_lost_and_none_doubled(orders, bettors)
    book = await read_levels(desk, bettors.market)
    assert book == levels_of(orders)
    assert_not_crossed(book)
    await _assert_every_match_has_two_sides(desk, bettors.market, orders)
    for customer in bettors.customers:
        await _assert_escrow_is_exposure(desk, customer)
    return orders


async def listed(desk: Desk, path: str, **filters: str) -> list[dict[str, Any]]:
    """Return a whole list, page after page."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await desk.http.get(path, params={"limit": "200"} | filters | after)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            return items
        after = {"after": page["next"]}


async def positions_of(desk: Desk, customer: str) -> list[dict[str, Any]]:
    """Return a customer's positions in all markets."""
    answer = await desk.http.get("/v1/exchange/positions", params={"user_id": customer})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def orders_of(desk: Desk, customer: str) -> list[Order]:
    """Return all orders of a customer."""
    return await listed(desk, "/v1/exchange/orders", user_id=customer)


async def balance_of(desk: Desk, customer: str) -> dict[str, Decimal]:
    """Return a customer's cash, escrow and total in USD."""
    answer = await desk.http.get(f"/v1/users/{customer}/balance", params={"currency": "USD"})
    assert answer.status_code == 200, answer.text
    return {part: Decimal(answer.json()[part]) for part in ("cash", "escrow", "total")}


async def total_of(desk: Desk, customers: Iterable[str]) -> Decimal:
    """Return what customers have, cash and escrow together."""
    return sum([(await balance_of(desk, customer))["total"] for customer in customers], Decimal(0))


async def read_levels(desk: Desk, market: str) -> Levels:
    """Return a market's book as the server shows it."""
    answer = await desk.http.get(f"/v1/exchange/markets/{market}/book", params={"depth": 1000})
    assert answer.status_code == 200, answer.text
    return {
        (runner["runner_id"], side): [(Decimal(each["odds"]), Decimal(each["size"]), each["orders"]) for each in shown]
        for runner in answer.json()["runners"]
        for side, shown in (("lay", runner["to_back"]), ("back", runner["to_lay"]))
    }


async def settled(desk: Desk, market: str) -> None:
    """Wait until all of a market's bets are settled."""

    async def done() -> bool:
        answer = await desk.http.get(f"/v1/exchange/markets/{market}")
        return answer.json()["status"] == "settled"

    await until_so(done)


def levels_of(orders: Iterable[Order]) -> Levels:
    """Return the book that orders make by what remains of them."""
    waiting: defaultdict[tuple[str, str, Decimal], list[Decimal]] = defaultdict(list)
    for order in orders:
        if Decimal(order["remaining"]):
            waiting[order["runner_id"], order["side"], Decimal(order["odds"])].append(Decimal(order["remaining"]))
    levels: Levels = {(runner, side): [] for runner in _ALL_RUNNERS for side in ("back", "lay")}
    for runner, side, odds in sorted(waiting):
        stakes = waiting[runner, side, odds]
        levels[runner, side].append((odds, sum(stakes, Decimal(0)), len(stakes)))
    for runner in _ALL_RUNNERS:
        levels[runner, "lay"].reverse()
    return levels


def assert_none_lost_and_none_doubled(orders: list[Order], bettors: Bettors) -> None:
    """Hold orders as they are against what bettors were told of them: the same, once each, and no stake come back."""
    found = {order["id"]: order for order in orders}
    assert len(found) == len(orders)
    assert found.keys() == bettors.orders.keys()
    for id, told in bettors.orders.items():
        order = found[id]
        assert {term: order[term] for term in _TERMS} == {term: told[term] for term in _TERMS}
        assert all(Decimal(order[part]) >= Decimal(told[part]) for part in _SPENT), (told, order)
        spent = sum([Decimal(order[part]) for part in _SPENT], Decimal(0))
        assert Decimal(order["remaining"]) == Decimal(order["stake"]) - spent >= 0, order


def assert_not_crossed(book: Levels) -> None:
    """Find no back and lay that should have been matched with each other."""
    for runner in _ALL_RUNNERS:
        backs, lays = book[runner, "back"], book[runner, "lay"]
        assert not backs or not lays or lays[0][0] < backs[0][0], (backs, lays)


def assert_books_are_sound(server: Server) -> None:
    """Audit the server's books."""
    ended = run("audit", "--data", str(server.data), "--json", env=server.variables)
    assert ended.code == 0, ended
    assert ended.document["entries"] > 0, "an empty database is always sound"


async def _assert_every_match_has_two_sides(desk: Desk, market: str, orders: list[Order]) -> None:
    matched: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in orders:
        matched[order["runner_id"], order["side"]] += Decimal(order["matched"])
    traded: defaultdict[str, Decimal] = defaultdict(Decimal)
    for trade in await listed(desk, f"/v1/exchange/markets/{market}/trades"):
        traded[trade["runner_id"]] += Decimal(trade["size"])
    for runner in _ALL_RUNNERS:
        assert matched[runner, "back"] == matched[runner, "lay"] == traded[runner]


async def _assert_escrow_is_exposure(desk: Desk, customer: str) -> None:
    positions = await positions_of(desk, customer)
    exposure = sum([Decimal(position["exposure"]) for position in positions], Decimal(0))
    assert (await balance_of(desk, customer))["escrow"] == exposure
