"""Betfair's addresses, mounted beside our own."""

from collections.abc import Callable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from evens.edges.betfair.account import ACCOUNT_OPERATIONS
from evens.edges.betfair.books import BOOKS
from evens.edges.betfair.calls import Dialect
from evens.edges.betfair.cleared import CLEARED
from evens.edges.betfair.current import CURRENT
from evens.edges.betfair.errors import ACCOUNT, BETTING, ApiError, rest_status, write_rest
from evens.edges.betfair.errors import HEARTBEAT as HEARTBEAT_ERRORS
from evens.edges.betfair.heartbeat import HEARTBEAT
from evens.edges.betfair.identity import IdentityApi
from evens.edges.betfair.listings import LISTINGS
from evens.edges.betfair.menu import make_menu
from evens.edges.betfair.orders import order_operations
from evens.edges.betfair.rpc import Api, Rpc, refuse_address
from evens.store.errors import StoreUnavailable

Routes = list[BaseRoute]

_EVERY_METHOD: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def betfair_routes(dialect: Dialect, clock: Callable[[], int]) -> Routes:
    """Return the routes of the dialect; the last two answer what is under its addresses and is none of them.

    ``clock`` returns the time by which commands are recorded, in nanoseconds since 1970.
    """
    orders = order_operations(dialect.services.gateway, clock)
    betting = Api("SportsAPING/v1.0/", {**LISTINGS, **BOOKS, **orders, **CURRENT, **CLEARED}, BETTING)
    account = Api("AccountAPING/v1.0/", ACCOUNT_OPERATIONS, ACCOUNT)
    heartbeat = Api("HeartbeatAPING/v1.0/", HEARTBEAT, HEARTBEAT_ERRORS)
    identity, routes = IdentityApi(dialect.services), list[BaseRoute]()
    for name, api in (("betting", betting), ("account", account), ("heartbeat", heartbeat)):
        rpc = Rpc(dialect, api)
        path = f"/exchange/{name}/json-rpc/v1"
        routes += [
            Route(path, rpc.answer_rpc, methods=["POST"]),
            Route(f"{path}/{{method:path}}", rpc.answer_rpc, methods=["POST"]),
            Route(f"/exchange/{name}/rest/v1.0/{{operation}}", rpc.answer_rest, methods=["POST"]),
            Route(f"/exchange/{name}/rest/v1.0/{{operation}}/", rpc.answer_rest, methods=["POST"]),
        ]
    menu = Rpc(dialect, betting)

    async def show_menu(request: Request) -> Response:
        """Answer the navigation menu, for whoever is logged in."""
        try:
            await menu.caller(request)
            body = await dialect.unsettled.made("menu", lambda rows: msgspec.json.encode(make_menu(rows)))
        except StoreUnavailable as trouble:
            error = ApiError("SERVICE_BUSY", str(trouble))
        except ApiError as refused:
            error = refused
        else:
            return Response(body, media_type="application/json")
        content = msgspec.json.encode(write_rest(error, BETTING))
        return Response(content, rest_status(error), media_type="application/json")

    return [
        *routes,
        Route("/exchange/betting/rest/v1/en/navigation/menu.json", show_menu, methods=["GET"]),
        Route("/api/login", identity.log_in, methods=["POST"]),
        Route("/api/certlogin", identity.log_in_by_certificate, methods=["POST"]),
        Route("/api/keepAlive", identity.keep_alive, methods=["GET", "POST"]),
        Route("/api/logout", identity.log_out, methods=["GET", "POST"]),
        Route("/exchange/{rest:path}", refuse_address, methods=_EVERY_METHOD),
        Route("/api/{rest:path}", refuse_address, methods=_EVERY_METHOD),
    ]
