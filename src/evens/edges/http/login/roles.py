"""As what people log in."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.edges.http.login.bodies import RoleBody
from evens.edges.http.login.services import AdminCaller, LoginServices
from evens.edges.http.protocol.access import resolve_customer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.strict import StrictRoute
from evens.identity.principal import Role

router = APIRouter(route_class=StrictRoute, tags=["Identity"])


@router.put("/v1/users/{id}/role", status_code=204, responses=problems(404))
async def set_role(caller: AdminCaller, id: str, body: RoleBody) -> Response:
    """Let a user log in with this role. If it is another one than before, their sessions end."""
    await caller.shared.identity.set_role(resolve_customer(caller.principal, id), Role(body.role))
    return Response(status_code=204)


ENDPOINTS: Final = Endpoints[LoginServices](router)
