"""Where requests come from: the address to log. They are counted by :func:`evens.identity.networks.network_of`."""

from collections.abc import Mapping
from typing import Any

from evens.identity.networks import UNKNOWN


def client_address(scope: Mapping[str, Any]) -> str:
    """Return the address of an ASGI scope's client, as text."""
    client = scope.get("client")
    return UNKNOWN if client is None else str(client[0])
