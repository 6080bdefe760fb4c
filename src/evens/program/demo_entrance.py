"""The way into a demo without a password: as a customer who is there already, or as an operator."""

from typing import Final

from evens.core.commands.wallets import RegisterCustomer
from evens.edges.gateway import Gateway
from evens.edges.http.protocol.idempotency import command_id
from evens.identity.demo import DemoLogins
from evens.identity.principal import Role
from evens.identity.service import Identity
from evens.identity.sessions import Device, Session
from evens.sim.newcomers import newcomers
from evens.store.wallets.queries import Customer, Queries

OPERATOR: Final = "demo-operator"
"""The username of the operator that visitors of a demo are."""

_ACTOR: Final = "demo"


class DemoEntrance:
    """Lets visitors of a demo in: implements :class:`evens.edges.http.login.services.Entrance`."""

    def __init__(self, identity: Identity, gateway: Gateway, queries: Queries) -> None:
        self._identity = identity
        self._logins: DemoLogins = identity.for_demo()
        self._gateway = gateway
        self._queries = queries
        (self._first,) = newcomers(1)

    async def enter(self, role: Role, device: Device) -> Session | None:
        """Begin a session as the first simulated customer or as the operator; ``None``: there is no such user yet."""
        if role is Role.OPERATOR:
            customer = await self._operator()
        else:
            customer = await self._queries.customer_by_username(self._first.username)
        return None if customer is None else await self._logins.enter(customer.id, device)

    async def _operator(self) -> Customer | None:
        """Return the operator, who is made when they are first asked for."""
        found = await self._queries.customer_by_username(OPERATOR)
        if found is None:
            key = command_id(_ACTOR, OPERATOR)
            await self._gateway.submit(RegisterCustomer(OPERATOR), command_id=key, actor=_ACTOR)
            found = await self._queries.customer_by_username(OPERATOR)
        if found is not None:
            await self._identity.set_role(found.id, Role.OPERATOR)
        return found
