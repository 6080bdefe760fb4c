"""The application: every route, every handler, one frame."""

from typing import Final

from fastapi import FastAPI

import evens
from evens.edges.http.protocol import docs, faults, openapi
from evens.edges.http.protocol.frame import Door, Frame
from line_provider.door import LineDoor
from line_provider.routes import LineServices, router

_DESCRIPTION: Final = """
Events, prices and results, and signed webhooks for whoever wants to hear of them.

Coefficients are decimal strings, times RFC 3339. Reading is open; writing takes the key in `DIR/line-provider.key`.
Messages are signed as Standard Webhooks has it and carry the event as a whole; `GET /changes` has what was missed.
Errors are `application/problem+json` with a stable `code`.
"""


def create_app(services: LineServices, door: Door | None = None) -> FastAPI:
    """Return the ASGI application that serves the line provider's API."""
    app = FastAPI(
        title="Line provider",
        version=evens.__version__,
        summary="Publishes events, prices and results.",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    for each in (router, docs.pages("Line provider: the HTTP API"), docs.from_root()):
        app.router.routes.extend(each.routes)
    docs.mount_assets(app)
    faults.install(app)
    openapi.install(app)
    app.add_middleware(Frame, metrics=services.metrics, door=door or LineDoor(services.key))
    return app
