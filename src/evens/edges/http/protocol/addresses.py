"""Where requests come from: the address to log, and the one to count by."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, Final

UNKNOWN: Final = "unknown"
_NETWORK_BITS: Final = 64


def client_address(scope: Mapping[str, Any]) -> str:
    """Return the address of an ASGI scope's client, as text."""
    client = scope.get("client")
    return UNKNOWN if client is None else str(client[0])


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """Return what an address is counted by: itself, or for IPv6 its /64 network, since one client has all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return UNKNOWN
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), 128)).supernet(new_prefix=_NETWORK_BITS))
