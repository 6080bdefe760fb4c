"""One's own sessions: where one is logged in, and ending that."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.values.moments import format_datetime
from evens.edges.http.login.services import AnyCaller, LoginServices
from evens.edges.http.login.shapes import OwnSession
from evens.edges.http.protocol.access import own_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.identity.sessions import format_session_id

router = APIRouter(route_class=StrictRoute, tags=["Identity"])


@router.get("/v1/me/sessions", response_model=Page[OwnSession], responses=problems(404))
async def list_sessions(caller: AnyCaller) -> Response:
    """List where one is logged in, the session used last first. The list is always whole."""
    found = await caller.shared.identity.list_sessions(own_customer(caller.principal))
    shown = [
        OwnSession(
            id=format_session_id(each.id),
            current=each.id == caller.principal.session,
            begun_at=format_datetime(each.begun_at),
            used_at=format_datetime(each.used_at),
            expires_at=format_datetime(each.expires_at),
            second_factor=each.second_factor,
            address=each.address,
            client=each.client,
        )
        for each in found
    ]
    return answer(Page(shown))


@router.delete("/v1/me/sessions/{id}", status_code=204, responses=problems(404))
async def end_session(caller: AnyCaller, id: str) -> Response:
    """End one of one's own sessions, the present one too: its tokens, and API keys bound to it, work no more."""
    await caller.shared.identity.end_session(own_customer(caller.principal), id)
    return Response(status_code=204)


ENDPOINTS: Final = Endpoints[LoginServices](router)
