"""Who may do what: bearer credentials, roles, and whose things a caller may touch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase
from structlog.contextvars import bind_contextvars

from evens.core.values.public_ids import parse_user_id
from evens.edges.http.protocol.problem import refuse_fields, refuse_forbidden, refuse_not_found
from evens.edges.http.services import Services
from evens.identity.errors import NotAuthenticated
from evens.identity.principal import Principal, Role

ME: Final = "me"
"""What stands for the caller's own id wherever a user's id is expected."""


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request: who calls, and what serves them."""

    principal: Principal
    services: Services


class Access(SecurityBase):
    """A route's door: lets callers in whose role is one of ``roles``."""

    def __init__(self, roles: Iterable[Role]) -> None:
        self.roles: Final = frozenset(roles)
        self.scheme_name = "bearer"
        self.model = BearerModel(description="An access token from `/v1/auth/login`, or an API key.")

    async def __call__(self, request: Request) -> Call:
        """Return the caller. Raises :class:`NotAuthenticated`, or a 403 for other roles."""
        services = services_of(request)
        principal = await services.identity.authenticate(bearer_of(request))
        bind_contextvars(caller=principal.scope)
        if principal.role not in self.roles:
            wanted = ", ".join(sorted(self.roles))
            raise refuse_forbidden(f"This takes one of these roles: {wanted}. Yours is {principal.role}.")
        return Call(principal, services)


ANYONE: Final = Access(Role)
"""For everybody who is known; what they see and move is up to the route."""

DESK: Final = Access((Role.SERVICE, Role.OPERATOR, Role.ADMIN))
"""For those who act on behalf of customers."""

OPERATORS: Final = Access((Role.OPERATOR, Role.ADMIN))
"""For those who run the house."""

AnyCall = Annotated[Call, Depends(ANYONE)]
DeskCall = Annotated[Call, Depends(DESK)]
OperatorCall = Annotated[Call, Depends(OPERATORS)]


def bearer_of(request: Request) -> str:
    """Return the credential that a request carries. Raises :class:`NotAuthenticated` if it carries none."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential:
        raise NotAuthenticated
    return credential


def services_of(request: Request) -> Services:
    """Return what serves this request."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    # A plain function would be run in a thread.
    return services_of(request)


AnyServices = Annotated[Services, Depends(_services)]


def is_customer(principal: Principal) -> bool:
    """Return whether the caller sees and moves only their own things."""
    return principal.role is Role.CUSTOMER


def own_customer(principal: Principal) -> int:
    """Return the caller's own customer id. Raises a 404 for an API key that acts for nobody."""
    if principal.customer is None:
        raise refuse_not_found(
            "customer_unknown", f"This API key has no account of its own; name a user instead of '{ME}'."
        )
    return principal.customer


def whose(principal: Principal, user_id: str) -> int:
    """Return the customer that a user id stands for, if the caller may ask about them.

    Raises a 403 for a customer who names anyone else, known or not, and a 404 for what can be nobody's id.
    """
    if user_id == ME:
        return own_customer(principal)
    customer = parse_user_id(user_id)
    if is_customer(principal) and customer != principal.customer:
        raise refuse_forbidden(f"You can only see and move what is yours; '{ME}' stands for your own id.")
    if customer is None:
        raise refuse_unknown_customer()
    return customer


def bettor(principal: Principal, user_id: str | None) -> int:
    """Return whose bets the caller means, their own if no user is named. Raises a 403 unless they may change them."""
    if user_id is None:
        if principal.customer is None:
            raise refuse_fields(("user_id", "is required: this API key has no account of its own"))
        return principal.customer
    customer = whose(principal, user_id)
    if customer != principal.customer and principal.role not in OPERATORS.roles:
        raise refuse_forbidden("Only operators can bet for somebody else.")
    return customer


def refuse_unknown_customer() -> Exception:
    """Return the 404 for a user nobody knows."""
    return refuse_not_found("customer_unknown", "There is no such user; check the id.")
