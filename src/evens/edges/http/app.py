"""The application: every route, every handler, one frame."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

import evens
from evens.edges.http.features import FEATURES
from evens.edges.http.protocol import docs, faults, openapi
from evens.edges.http.protocol.frame import Frame
from evens.edges.http.protocol.ordering import in_order
from evens.edges.http.protocol.verifying import CallersDoor
from evens.edges.http.services import Services

_DESCRIPTION: Final = """
Wallets, payments and a betting exchange on one double-entry ledger.

What is public needs no login: markets, their books and trades, events, pools, rounds and their proofs, open challenges.
Money is a decimal string with a currency; odds are decimal strings; times are RFC 3339. Send an `Idempotency-Key` with
whatever changes something, and ask again with the same key after any doubt: it is done once. Errors are
`application/problem+json` with a stable `code`. HEAD is answered wherever GET is; bodies may be sent with
`Content-Encoding: gzip` or `deflate`. Whoever sends too many requests hears 429 with `Retry-After`.
"""


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return the routes of all rooms, those that are asked for often first."""
    endpoints = [each for feature in FEATURES for each in feature.endpoints]
    by_traffic = sorted(endpoints, key=lambda each: each.traffic)
    return tuple(in_order(route for each in by_traffic for route in each.router.routes))


def create_app(services: Services, pages: ASGIApp | None = None, dialect: Sequence[BaseRoute] = ()) -> FastAPI:
    """Return the ASGI application that serves the HTTP API with these services.

    ``dialect`` are addresses of another API, which count their requests themselves. ``pages`` answers where no route
    is.
    """
    app = FastAPI(
        title="Evens",
        version=evens.__version__,
        summary="An open wagering platform: one ledger, three markets.",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Otherwise each request would look for somebody who collects traces. What is measured is under /metrics.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.services = services
    # Not include_router: that keeps a tree of routers, and searching it costs more than all the rest of a request.
    app.router.routes.extend([*_routes(), *dialect, *docs.pages("Evens: the HTTP API").routes])
    docs.mount_assets(app)
    if pages is not None:
        app.router.default = pages
    faults.install(app)
    openapi.install(app)
    app.add_middleware(
        Frame,
        metrics=services.metrics,
        door=CallersDoor(services.identity, services.throttle),
        cors_origins=services.settings.cors_origins,
        is_public_by_https=services.settings.is_public_by_https,
        cookies=services.login.cookies,
    )
    return app
