"""By what clients' addresses are counted."""

import ipaddress
from functools import lru_cache
from typing import Final

UNKNOWN: Final = "unknown"
_IPV6_NETWORK_BITS: Final = 64


@lru_cache(maxsize=10_000)
def network_of(address: str | None) -> str:
    """Return what an address is counted by: itself, or for IPv6 its /64 network, since one client has all of it.

    An IPv4 address is the same through an IPv6 socket. What is no address is counted as ``unknown``.
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return UNKNOWN
    if not isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed.packed, 128)).supernet(new_prefix=_IPV6_NETWORK_BITS))
