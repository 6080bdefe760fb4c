"""Logging in without a password, in a demo whose customers have none."""

from evens.core.values.ids import CustomerId
from evens.identity.errors import CustomerUnknown
from evens.identity.principal import Role
from evens.identity.sessions import Device, Session, Sessions
from evens.identity.store_protocol import LoginStore


class DemoLogins:
    """Begins sessions for whoever asks. Only the composition makes one, and only for `evens demo`."""

    def __init__(self, store: LoginStore, sessions: Sessions) -> None:
        self._store = store
        self._sessions = sessions

    async def enter(self, customer: CustomerId, device: Device) -> Session:
        """Begin a session for a customer, with the role that they log in with. Raises :class:`CustomerUnknown`."""
        known = await self._store.login_of(customer)
        if known is None:
            raise CustomerUnknown
        return await self._sessions.begin(
            customer, known.username, role=Role(known.role), device=device, end_oldest=True
        )
