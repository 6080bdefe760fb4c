"""API keys: made, listed and revoked. The key itself is shown once."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.values.moments import format_datetime
from evens.core.values.public_ids import format_user_id
from evens.edges.http.login.bodies import ApiKeyBody
from evens.edges.http.login.services import AnyCaller, LoginServices
from evens.edges.http.login.shapes import ApiKey, CreatedApiKey
from evens.edges.http.protocol.access import resolve_customer
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.visible import check_visible
from evens.identity import api_keys
from evens.identity.errors import KeyNameInvalid
from evens.identity.principal import Role
from evens.identity.sessions import format_session_id

router = APIRouter(route_class=StrictRoute, tags=["Identity"])


@router.post("/v1/api-keys", status_code=201, response_model=CreatedApiKey, responses=problems(404, 409))
async def create_api_key(caller: AnyCaller, body: ApiKeyBody, key: IdempotencyKey = None) -> Response:
    """Make an API key with a role up to one's own. This answer, and its replays, alone show the key.

    Keys that act for nobody share what was done under their role and name, so only operators, the bearer of a name and
    whoever made its first key may use a name again. Operators make keys for users whose role is below their own.
    """
    customer = None if body.user_id is None else resolve_customer(caller.principal, body.user_id)
    if customer is not None:
        await caller.shared.identity.check_reach(caller.principal, customer)
    made = await caller.shared.identity.create_api_key(
        caller.principal,
        role=Role(body.role),
        customer=customer,
        name=_check_name(body.name),
        bound_to_session=body.bound_to_session,
        idempotency_key=key,
    )
    shown = _present(made.shown)
    created = CreatedApiKey(
        shown.id,
        shown.role,
        shown.user_id,
        shown.name,
        shown.created_by,
        shown.created_at,
        shown.revoked_at,
        made.key,
        shown.session_id,
    )
    return answer(created, 201, mark_replayed(made.replayed))


def _check_name(name: str | None) -> str | None:
    """Return a key's name. Raises :class:`KeyNameInvalid` if there is something in it that nobody can see."""
    try:
        return name and check_visible(name)
    except ValueError as error:
        raise KeyNameInvalid(str(error)) from error


@router.get("/v1/api-keys", response_model=Page[ApiKey])
async def list_api_keys(caller: AnyCaller, page: AnyPage) -> Response:
    """List the API keys within the caller's reach, revoked ones too, newest first."""
    found = await caller.shared.identity.list_api_keys(caller.principal, limit=page.limit + 1, after=page.after)
    shown = [_present(each) for each in found[: page.limit]]
    return answer(Page(shown, shown[-1].id if len(found) > page.limit else None))


@router.delete("/v1/api-keys/{id}", status_code=204, responses=problems(404))
async def revoke_api_key(caller: AnyCaller, id: str) -> Response:
    """Revoke an API key, for good."""
    await caller.shared.identity.revoke_api_key(caller.principal, id)
    return Response(status_code=204)


def _present(key: api_keys.ApiKey) -> ApiKey:
    return ApiKey(
        id=key.id,
        role=key.role.value,
        user_id=None if key.customer is None else format_user_id(key.customer),
        name=key.name,
        created_by=key.created_by,
        created_at=format_datetime(key.created_at),
        revoked_at=None if key.revoked_at is None else format_datetime(key.revoked_at),
        session_id=None if key.session is None else format_session_id(key.session),
    )


ENDPOINTS: Final = Endpoints[LoginServices](router)
