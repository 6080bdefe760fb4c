"""Finds markets and runners by id, by number, or by any part of a name that only one has."""

import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Misused, Refused

MARKETS_PATH: Final = "/v1/exchange/markets"
ORDERS_PATH: Final = "/v1/exchange/orders"
POSITIONS_PATH: Final = "/v1/exchange/positions"
OVER: Final = frozenset({"settled", "void"})
"""The statuses of markets that have ended."""

_NAMED_MAX: Final = 5
_ID: Final = re.compile(r"mkt_[0-9]+", re.ASCII)


def market_path(market_id: str, *rest: str) -> str:
    """Return the path of a market, or of something below it."""
    return "/".join((MARKETS_PATH, quote(market_id, safe=""), *rest))


def order_path(order_id: str) -> str:
    """Return the path of an order."""
    return f"{ORDERS_PATH}/{quote(order_id, safe='')}"


def find_market(api: Api, name: str) -> Document:
    """Return the market with this id, else the one whose name is, begins with or contains this, whatever the case.

    Markets that are not over come before those that are. Raises :class:`Refused` if there is none, and
    :class:`Misused` if several could be meant.
    """
    if _ID.fullmatch(name):
        return api.get(market_path(name))
    markets = list(api.items(MARKETS_PATH))
    open_ones = [market for market in markets if market["status"] not in OVER]
    for among in (open_ones, markets):
        named = closest(among, name, _name)
        if len(named) == 1:
            return api.get(market_path(named[0]["id"]))
        if named:
            raise Misused(f"{name!r} could be several markets.", f"Name one by its id: {_ids(named)}.")
    raise Refused(f"There is no market called {name}.", "To see them: evens market list")


def find_runner(market: Document, name: str) -> Document:
    """Return the runner whose name is, begins with or contains this, or the one with this number.

    Numbers count from 1 in the market's order; a number is not searched for in names. Raises :class:`Refused` if there
    is none, and :class:`Misused` if several could be meant.
    """
    runners: Sequence[Document] = market["runners"]
    if name.isascii() and name.isdecimal():
        named = [runner for runner in runners if runner["name"] == name]
        if not named and 1 <= int(name) <= len(runners):
            return runners[int(name) - 1]
    else:
        named = closest(runners, name, _name)
    if len(named) == 1:
        return named[0]
    if named:
        names = ", ".join(runner["name"] for runner in named[:_NAMED_MAX])
        raise Misused(f"{name!r} could be several runners: {names}.", "Write more of the name, or its number.")
    listed = ", ".join(f"{number} {runner['name']}" for number, runner in enumerate(runners, 1))
    raise Refused(f"{market['name']} has no runner {name}.", f"There are: {listed}.")


def closest(among: Sequence[Document], name: str, name_of: Callable[[Document], str]) -> list[Document]:
    """Return those whose name is this, else those whose begins with it, else those whose contains it."""
    wanted = name.casefold()
    if not wanted:
        return []
    tests: tuple[Callable[[str], bool], ...] = (
        lambda known: known == wanted,
        lambda known: known.startswith(wanted),
        lambda known: wanted in known,
    )
    for test in tests:
        found = [one for one in among if test(name_of(one).casefold())]
        if found:
            return found
    return []


def _name(named: Document) -> str:
    return str(named["name"])


def _ids(markets: Sequence[Document]) -> str:
    shown = [f"{market['id']} ({market['name']})" for market in markets[:_NAMED_MAX]]
    return ", ".join(shown) + (" …" if len(markets) > _NAMED_MAX else "")
