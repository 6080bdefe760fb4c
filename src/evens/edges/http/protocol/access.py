"""Who may do what: bearer credentials, roles, and whose things a caller may touch."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Query, Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from evens.core.values.ids import CustomerId
from evens.core.values.public_ids import parse_user_id
from evens.edges.http.protocol.problem import refuse_fields, refuse_forbidden, refuse_not_found
from evens.edges.http.protocol.services import SharedServices
from evens.edges.http.protocol.texts import UserId
from evens.edges.http.protocol.verifying import caller_of, credential_in
from evens.identity.errors import NotAuthenticated
from evens.identity.principal import Principal, Role

S = TypeVar("S")

ME: Final = "me"
"""What stands for the caller's own id wherever a user's id is expected."""

ANYONE: Final = frozenset(Role)
"""The roles of everybody who is known; what they see and move is up to the route."""

BACK_OFFICE: Final = frozenset((Role.SERVICE, Role.OPERATOR, Role.ADMIN))
"""The roles of those who act on behalf of customers."""

OPERATORS: Final = frozenset((Role.OPERATOR, Role.ADMIN))
"""The roles of those who run the house."""

UserFilter = Annotated[UserId | None, Query(description="Whose; left out, one's own.")]


@dataclass(frozen=True, slots=True)
class Visitor(Generic[S]):
    """Whoever makes a request, known or not, with what serves it: ``services`` are those of the route's room."""

    shared: SharedServices
    services: S


@dataclass(frozen=True, slots=True)
class Caller(Visitor[S]):
    """An authenticated visitor."""

    principal: Principal


@dataclass(frozen=True, slots=True)
class Guest(Visitor[S]):
    """A visitor who may be known: whoever shows no credential is ``None``."""

    principal: Principal | None


class Visitors(Generic[S]):
    """A dependency that lets everybody in. ``services_of`` picks the room's services out of all of them."""

    def __init__(self, services_of: Callable[[Any], S]) -> None:
        self._services_of = services_of

    async def __call__(self, request: Request) -> Visitor[S]:
        """Return the visitor."""
        # Not a plain function, which would be run in a thread.
        services = request.app.state.services
        return Visitor(services, self._services_of(services))


class Guests(Generic[S]):
    """A dependency that lets everybody in and knows those who show who they are.

    ``services_of`` picks the room's services out of all of them.
    """

    def __init__(self, services_of: Callable[[Any], S]) -> None:
        self._services_of = services_of

    async def __call__(self, request: Request) -> Guest[S]:
        """Return the guest. Raises :class:`NotAuthenticated` for a credential that is none, or a 429."""
        services: SharedServices = request.app.state.services
        shows_one = credential_in(request.headers.get("authorization")) is not None
        principal = await authenticate(services, request) if shows_one else None
        return Guest(services, self._services_of(services), principal)


class Access(SecurityBase, Generic[S]):
    """A dependency that lets callers in whose role is one of ``roles``.

    ``services_of`` picks the room's services out of all of them.
    """

    def __init__(self, roles: Iterable[Role], services_of: Callable[[Any], S]) -> None:
        self.roles: Final = frozenset(roles)
        self.scheme_name = "bearer"
        self.model = BearerModel(description="An access token from `/v1/auth/login`, or an API key.")
        self._services_of = services_of

    async def __call__(self, request: Request) -> Caller[S]:
        """Return the caller. Raises :class:`NotAuthenticated`, a 403 for other roles, or a 429."""
        services: SharedServices = request.app.state.services
        principal = await authenticate(services, request)
        check_role(principal, self.roles)
        return Caller(services, self._services_of(services), principal)


async def authenticate(services: SharedServices, request: Request) -> Principal:
    """Return who makes a request, counted. Raises :class:`NotAuthenticated`, or a 429.

    Nearly every request was counted on its way in, by the frame.
    """
    return await caller_of(services.identity, services.throttle, request)


def check_role(principal: Principal, roles: Collection[Role]) -> None:
    """Raise a 403 unless the caller's role is one of these."""
    if principal.role not in roles:
        wanted = ", ".join(sorted(roles))
        raise refuse_forbidden(f"This takes one of these roles: {wanted}. Yours is {principal.role}.")


def bearer_of(request: Request) -> str:
    """Return the credential that a request carries. Raises :class:`NotAuthenticated` if it carries none."""
    credential = credential_in(request.headers.get("authorization"))
    if credential is None:
        raise NotAuthenticated
    return credential


def is_customer(principal: Principal) -> bool:
    """Return whether the caller sees and moves only their own things."""
    return principal.role is Role.CUSTOMER


def own_customer(principal: Principal) -> CustomerId:
    """Return the caller's own customer id. Raises a 404 for an API key that acts for nobody."""
    if principal.customer is None:
        raise refuse_not_found(
            "customer_unknown", f"This API key has no account of its own; name a user instead of '{ME}'."
        )
    return principal.customer


def resolve_customer(principal: Principal, user_id: str) -> CustomerId:
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


def resolve_bettor(principal: Principal, user_id: str | None) -> CustomerId:
    """Return the customer whose bets the caller means, their own if no user is named.

    Raises a 403 unless the caller may change them.
    """
    if user_id is None:
        if principal.customer is None:
            raise refuse_fields(("user_id", "is required: this API key has no account of its own"))
        return principal.customer
    customer = resolve_customer(principal, user_id)
    if customer != principal.customer and principal.role not in OPERATORS:
        raise refuse_forbidden("Only operators can bet for somebody else.")
    return customer


def refuse_unknown_customer() -> Exception:
    """Return the 404 for a user nobody knows."""
    return refuse_not_found("customer_unknown", "There is no such user; check the id.")
