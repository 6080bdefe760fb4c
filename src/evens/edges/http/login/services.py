"""What the routes about registering, logging in and API keys need."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final, Literal, Protocol

from fastapi import Depends

from evens.edges.http.login.mails import Mailer
from evens.edges.http.protocol.access import ANYONE, OPERATORS, Access, Caller, Guest, Guests, Visitor, Visitors
from evens.edges.http.protocol.cookies import SessionCookies
from evens.edges.http.protocol.throttle import Throttle
from evens.identity.passkey_place import PasskeyPlace
from evens.identity.principal import Role
from evens.identity.sessions import Device, Session
from evens.store.wallets.queries import Queries

DemoGuest = Literal["customer", "operator", "second_operator"]
"""As whom one looks around in a demo. What one operator proposes, the second one can approve."""


class Entrance(Protocol):
    """Lets visitors of a demo in without a password."""

    async def enter(self, guest: DemoGuest, device: Device) -> Session | None:
        """Begin a session as a customer or one of two operators; ``None``: there is no such user yet."""
        ...


@dataclass(frozen=True, slots=True)
class LoginServices:
    """What serves requests about logins.

    ``registrations`` limits how many come from one address. ``cookies`` are those of browsers. ``mailer`` is ``None``
    if no mail can be sent, ``demo`` wherever a password is needed, ``passkey_place``
    where passkeys cannot work.
    """

    customers: Queries
    registrations: Throttle
    cookies: SessionCookies
    mailer: Mailer | None = None
    demo: Entrance | None = None
    passkey_place: PasskeyPlace | None = None


_services_of: Final = attrgetter("login")

AnyVisitor = Annotated[Visitor[LoginServices], Depends(Visitors[LoginServices](_services_of))]
AnyGuest = Annotated[Guest[LoginServices], Depends(Guests[LoginServices](_services_of))]
AnyCaller = Annotated[Caller[LoginServices], Depends(Access[LoginServices](ANYONE, _services_of))]
OperatorCaller = Annotated[Caller[LoginServices], Depends(Access[LoginServices](OPERATORS, _services_of))]
AdminCaller = Annotated[Caller[LoginServices], Depends(Access[LoginServices]((Role.ADMIN,), _services_of))]
