"""Finds markets and runners by id, by number, or by any part of a name that only one has."""

import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from evens.edges.cli.api import Api, Document
from evens.edges.cli.asking import choose
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

    Markets that are not over come before those that are, unless only one that is over has exactly this name. If several
    could be meant, whoever is at the terminal is asked. Raises :class:`Refused` if there is none, and :class:`Misused`
    if several could be meant and nobody can be asked.
    """
    if _ID.fullmatch(name):
        return api.get(market_path(name))
    markets = list(api.items(MARKETS_PATH))
    open_ones = [market for market in markets if market["status"] not in OVER]
    named = closest(open_ones, name, _name) or closest(markets, name, _name)
    if named and not _is_exact(named[0], name):
        # Part of an open market's name must not hide another market that is called just this.
        named += [market for market in markets if _is_exact(market, name)]
    if len(named) == 1:
        return api.get(market_path(named[0]["id"]))
    if named:
        several = Misused(f"{name!r} could be several markets.", f"Name one by its id: {_ids(named)}.")
        options = [f"{market['id']}  {market['name']} ({market['status']})" for market in named]
        return api.get(market_path(named[choose(str(several), options, several)]["id"]))
    raise Refused(f"There is no market called {name}.", "To see them: evens market list")


def find_runner(market: Document, name: str) -> Document:
    """Return the runner with this number, or the one whose name is, begins with or contains this.

    Numbers count from 1 in the market's order, and are the runners' ids. A number that there is means that runner, even
    if another is called so; one that there is not can only be a whole name. If several could be meant, whoever is at
    the terminal is asked. Raises :class:`Refused` if there is none, and :class:`Misused` if several could be meant and
    nobody can be asked.
    """
    runners: Sequence[Document] = market["runners"]
    if name.isascii() and name.isdecimal():
        if 1 <= int(name) <= len(runners):
            return runners[int(name) - 1]
        named = [runner for runner in runners if runner["name"] == name]
    else:
        named = closest(runners, name, _name)
    if len(named) == 1:
        return named[0]
    if named:
        names = ", ".join(runner["name"] for runner in named[:_NAMED_MAX])
        several = Misused(f"{name!r} could be several runners: {names}.", "Write more of the name, or its number.")
        return named[choose(f"{name!r} could be several runners.", [runner["name"] for runner in named], several)]
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


def _is_exact(market: Document, name: str) -> bool:
    return str(market["name"]).casefold() == name.casefold()


def _name(named: Document) -> str:
    return str(named["name"])


def _ids(markets: Sequence[Document]) -> str:
    shown = [f"{market['id']} ({market['name']})" for market in markets[:_NAMED_MAX]]
    return ", ".join(shown) + (" …" if len(markets) > _NAMED_MAX else "")
