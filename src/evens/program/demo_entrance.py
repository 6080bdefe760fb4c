"""The way into a demo without a password: as a customer who is there already, or as one of two operators."""

from collections.abc import Mapping
from typing import Final

from evens.core.commands.wallets import RegisterCustomer
from evens.edges.gateway import Gateway
from evens.edges.http.login.services import DemoGuest
from evens.edges.http.protocol.idempotency import command_id
from evens.identity.demo import DemoLogins
from evens.identity.principal import Role
from evens.identity.service import Identity
from evens.identity.sessions import Device, Session
from evens.sim.newcomers import newcomers
from evens.store.wallets.queries import Customer, Queries

OPERATORS: Final[Mapping[DemoGuest, str]] = {"operator": "demo-operator", "second_operator": "demo-second-operator"}
"""The usernames of those who operate a demo: two, because one approves what the other one proposes."""

_ACTOR: Final = "demo"


class DemoEntrance:
    """Lets visitors of a demo in: implements :class:`evens.edges.http.login.services.Entrance`."""

    def __init__(self, identity: Identity, gateway: Gateway, queries: Queries) -> None:
        self._identity = identity
        self._logins: DemoLogins = identity.for_demo()
        self._gateway = gateway
        self._queries = queries
        (self._first,) = newcomers(1)

    async def enter(self, guest: DemoGuest, device: Device) -> Session | None:
        """Begin a session as the first simulated customer or as an operator; ``None``: there is no such user yet."""
        username = OPERATORS.get(guest)
        if username is None:
            customer = await self._queries.customer_by_username(self._first.username)
        else:
            customer = await self._operator(username)
        return None if customer is None else await self._logins.enter(customer.id, device)

    async def _operator(self, username: str) -> Customer | None:
        """Return an operator, who is made when they are first asked for."""
        found = await self._queries.customer_by_username(username)
        if found is None:
            key = command_id(_ACTOR, username)
            await self._gateway.submit(RegisterCustomer(username), command_id=key, actor=_ACTOR)
            found = await self._queries.customer_by_username(username)
        if found is not None:
            await self._identity.set_role(found.id, Role.OPERATOR)
        return found
