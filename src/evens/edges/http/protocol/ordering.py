"""The order in which routes are looked at, so that none is hidden by one of another room."""

from collections.abc import Iterable

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute


def in_order(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return routes in the order given, but each before those that would answer in its place.

    ``/v1/withdrawals/queue`` comes before ``/v1/withdrawals/{id}``, whichever rooms have them. All others stay where
    they are, because what is asked for often is to be found first.
    """
    ordered: list[BaseRoute] = []
    for route in routes:
        place = next((place for place, earlier in enumerate(ordered) if hides(earlier, route)), len(ordered))
        ordered.insert(place, route)
    return ordered


def hides(earlier: BaseRoute, later: BaseRoute) -> bool:
    """Tell whether a route takes what another one, which says more exactly what it is for, should answer."""
    if not isinstance(earlier, APIRoute) or not isinstance(later, APIRoute) or not earlier.param_convertors:
        return False
    if not (earlier.methods or set()) & (later.methods or set()):
        return False
    return bool(earlier.path_regex.match(later.path)) and not later.path_regex.match(earlier.path)
