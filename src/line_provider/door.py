"""The door: who holds the key, and how many requests are let in a minute."""

import hmac
from typing import Final

from starlette.types import Scope

from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.throttle import Throttle
from evens.edges.http.protocol.verifying import credential_in
from evens.identity.networks import network_of

PER_MINUTE_WITHOUT_KEY: Final = 6_000
"""Most requests a minute from one address, IPv6 by its /64 network: a hundred times what a subscriber needs."""

PER_MINUTE_WITH_KEY: Final = 120_000
"""Most requests a minute with the key: twice a thousand changes of odds a second."""


def holds_key(authorization: str | None, key: str) -> bool:
    """Return whether the header carries the key, in a time that does not tell how much of it was right."""
    given = credential_in(authorization) or ""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), key.encode())


class LineDoor:
    """Lets everybody in whose requests are not too many: routes that write ask for the key themselves.

    Whoever sends a wrong key is counted by address, as whoever sends none.
    """

    def __init__(
        self, key: str, without_key: int = PER_MINUTE_WITHOUT_KEY, with_key: int = PER_MINUTE_WITH_KEY
    ) -> None:
        self._key = key
        self._strangers = Throttle("Too many requests without the key from your address", without_key)
        self._holders = Throttle("Too many requests with the key", with_key)

    async def admit(self, scope: Scope, authorization: str | None) -> None:
        """Count a request on its way in. Raises a 429."""
        if holds_key(authorization, self._key):
            self._holders.check("key")
        else:
            self.turn_away(scope)

    def turn_away(self, scope: Scope) -> None:
        """Count a request by its address. Raises a 429."""
        self._strangers.check(network_of(client_address(scope)))
