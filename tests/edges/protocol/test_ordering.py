"""Routes of several rooms in one order: none takes what another one is for."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from evens.edges.http.protocol.ordering import hides, in_order
from tests.edges.conftest import OpenHouse


def router(*routes: str) -> APIRouter:
    made = APIRouter()
    for route in routes:
        method, path = route.split()
        made.add_api_route(path, lambda: None, methods=[method])
    return made


def ordered(*routes: str) -> list[str]:
    found = [route for route in in_order(router(*routes).routes) if isinstance(route, APIRoute)]
    return [f"{min(route.methods or ())} {route.path}" for route in found]


def test_what_is_named_exactly_comes_before_what_takes_any_name() -> None:
    routes = ["GET /a", "GET /a/{id}", "GET /b", "GET /a/queue", "GET /a/{id}/x", "GET /a/queue/x"]
    expected = ["GET /a", "GET /a/queue", "GET /a/{id}", "GET /b", "GET /a/queue/x", "GET /a/{id}/x"]
    assert ordered(*routes) == expected


def test_everything_else_stays_where_it_was() -> None:
    routes = ["GET /a/{id}", "POST /a/queue", "GET /b/queue", "GET /a/{name}", "GET /a/queue/x"]
    assert ordered(*routes) == routes


async def test_no_route_of_the_api_is_hidden(house: OpenHouse) -> None:
    routes = house.app.routes
    pairs = [(earlier, later) for place, later in enumerate(routes) for earlier in routes[:place]]
    assert [pair for pair in pairs if hides(*pair)] == []
