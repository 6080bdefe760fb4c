"""As what people log in."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.values.public_ids import format_user_id
from evens.edges.http.login.bodies import RoleBody
from evens.edges.http.login.services import AdminCaller, LoginServices
from evens.edges.http.login.shapes import UserRole
from evens.edges.http.protocol.access import resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.strict import StrictRoute
from evens.identity.principal import Role

router = APIRouter(route_class=StrictRoute, tags=["Identity"])


@router.put("/v1/users/{id}/role", response_model=UserRole, responses=problems(404))
async def set_role(caller: AdminCaller, id: str, body: RoleBody) -> Response:
    """Let a user log in with this role. If it is another one than before, their sessions end."""
    customer = resolve_customer(caller.principal, id)
    await caller.shared.identity.set_role(customer, Role(body.role))
    return answer(UserRole(format_user_id(customer), body.role))


ENDPOINTS: Final = Endpoints[LoginServices](router)
