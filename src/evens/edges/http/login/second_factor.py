"""The second factor: six digits of an authenticator app (TOTP), or a recovery code, besides the password."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.values.ids import CustomerId
from evens.edges.http.login.bodies import CodeBody, RemovalBody
from evens.edges.http.login.device import ThisDevice
from evens.edges.http.login.services import AnyCaller, LoginServices, OperatorCaller
from evens.edges.http.login.shapes import ProposedSecret, RecoveryCodes, SecondFactor
from evens.edges.http.protocol.access import own_customer, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.strict import StrictRoute
from evens.identity.errors import NotASession
from evens.identity.principal import Principal

router = APIRouter(route_class=StrictRoute, tags=["Identity"])

_NOT_A_SESSION: Final = "An API key cannot change the second factor; log in to do that."


@router.get("/v1/me/totp", response_model=SecondFactor, responses=problems(404))
async def read_second_factor(caller: AnyCaller) -> Response:
    """Tell whether one has a second factor."""
    state = await caller.shared.identity.second_factors.state_of(own_customer(caller.principal))
    return answer(SecondFactor(enabled=state.is_set, recovery_codes_left=state.recovery_codes_left))


@router.post("/v1/me/totp", status_code=201, response_model=ProposedSecret, responses=problems(404, 409))
async def propose_second_factor(caller: AnyCaller) -> Response:
    """Get a secret for an authenticator app. It counts once it is confirmed; until then each call makes another."""
    customer = _customer_of_session(caller.principal)
    proposal = await caller.shared.identity.second_factors.propose(customer, caller.principal.name)
    return answer(ProposedSecret(proposal.secret, proposal.uri), 201)


@router.post("/v1/me/totp/confirm", response_model=RecoveryCodes, responses=problems(401, 404, 409, 429))
async def confirm_second_factor(caller: AnyCaller, device: ThisDevice, body: CodeBody) -> Response:
    """Let the secret count, given a code of it. Only this answer shows the recovery codes, each good once."""
    customer = _customer_of_session(caller.principal)
    codes = await caller.shared.identity.second_factors.confirm(customer, body.code, address=device.address)
    return answer(RecoveryCodes(codes))


@router.delete("/v1/me/totp", status_code=204, responses=problems(401, 404, 429))
async def remove_second_factor(caller: AnyCaller, device: ThisDevice, body: RemovalBody | None = None) -> Response:
    """Do without a second factor from now on."""
    customer = _customer_of_session(caller.principal)
    code = None if body is None else body.code
    await caller.shared.identity.second_factors.remove(customer, code, address=device.address)
    return Response(status_code=204)


@router.delete("/v1/users/{id}/totp", status_code=204, responses=problems(404))
async def take_second_factor_away(caller: OperatorCaller, id: str) -> Response:
    """Remove the second factor of somebody who has lost it together with the recovery codes.

    Operators can do this for users who log in with a role below theirs, admins for everybody.
    """
    await caller.shared.identity.take_second_factor_away(caller.principal, resolve_customer(caller.principal, id))
    return Response(status_code=204)


def _customer_of_session(principal: Principal) -> CustomerId:
    if principal.session is None:
        raise NotASession(_NOT_A_SESSION)
    return own_customer(principal)


ENDPOINTS: Final = Endpoints[LoginServices](router)
