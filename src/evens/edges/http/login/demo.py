"""The way into a demo without a password. Everywhere else there is nothing at this address."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from evens.edges.http.login.bodies import EnterBody
from evens.edges.http.login.device import ThisDevice
from evens.edges.http.login.greeting import device_for, greet
from evens.edges.http.login.services import AnyVisitor, LoginServices
from evens.edges.http.login.shapes import Welcome
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem, refuse_not_found
from evens.edges.http.protocol.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["Identity"])

_SOON: Final = {"Retry-After": "1"}


@router.post("/v1/demo/enter", response_model=Welcome, responses=problems(403, 404, 503))
async def enter_demo(visitor: AnyVisitor, request: Request, device: ThisDevice, body: EnterBody) -> Response:
    """In `evens demo`, begin a session as a customer who plays there or as one of two operators, without a password.

    Only for the app's own page, which gets a cookie. Outside of a demo this is a 404.
    """
    if visitor.services.demo is None:
        raise refuse_not_found("not_found", "This is no demo: log in, or register.")
    device = device_for(visitor, request, device, keeps_cookie=True)
    session = await visitor.services.demo.enter(body.guest, device)
    if session is None:
        raise Refused(problem(503, "demo_starting", "The demo is making its customers; try again in a moment."), _SOON)
    return await greet(visitor, request, session)


ENDPOINTS: Final = Endpoints[LoginServices](router)
