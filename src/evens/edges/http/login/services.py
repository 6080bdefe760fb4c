"""What the routes about registering, logging in and API keys need."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.edges.http.protocol.access import ANYONE, Access, Caller, Visitor, Visitors
from evens.edges.http.protocol.throttle import Throttle
from evens.store.wallets.queries import Queries


@dataclass(frozen=True, slots=True)
class LoginServices:
    """What serves requests about logins. ``registrations`` limits how many come from one address."""

    customers: Queries
    registrations: Throttle


_services_of: Final = attrgetter("login")

AnyVisitor = Annotated[Visitor[LoginServices], Depends(Visitors[LoginServices](_services_of))]
AnyCaller = Annotated[Caller[LoginServices], Depends(Access[LoginServices](ANYONE, _services_of))]
