"""Which addresses webhooks may be sent to: those on the public internet, unless the operator allows private ones.

A subscriber chooses the host that the server connects to, so without this check a subscriber could make it send
requests into the operator's own network (server-side request forgery). The check is on the resolved addresses, not on
the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpx2

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks the addresses of a host and port up; raises ``OSError`` if there are none."""

URL_LENGTH_MAX: Final = 2048

_RESOLVERS_MAX: Final = 16
_LOOK_UP_TIMEOUT_S: Final = 5.0

_GLOBAL_UNICAST_V6: Final = IPv6Network("2000::/3")

_NOT_PUBLIC: Final = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments: Teredo, which wraps an IPv4 address, and others
        "2002::/16",  # 6to4, which wraps an IPv4 address
        "3fff::/20",  # documentation
    )
)
"""Networks that are not public although some versions of the standard library say so."""

_METADATA: Final = tuple(ip_network(text) for text in ("168.63.129.16/32", "fd00:ec2::254/128", "100.100.100.200/32"))
"""Addresses of cloud metadata services, which hand out credentials, besides link-local ones."""


class DestinationRefused(Exception):
    """A webhook may not be sent there; the message completes a sentence that begins with the field's name."""


class Destinations:
    """Decides which URLs and addresses may be sent to.

    With ``allow_private``, addresses of private networks and of this machine are allowed too, and so is plain HTTP.
    Cloud metadata, link-local, multicast and reserved addresses are never allowed, since no receiver can have them.
    """

    def __init__(self, *, allow_private: bool, resolve: Resolve | None = None) -> None:
        self.allow_private = allow_private
        self._resolve = resolve or _SystemResolver()

    async def check(self, text: str) -> None:
        """Raise :class:`DestinationRefused` unless ``text`` is a URL that may be sent to, now."""
        url = self.parse(text)
        await self.addresses(url.raw_host.decode("ascii"), _port(url))

    def parse(self, text: str) -> httpx2.URL:
        """Return the URL if its form is acceptable; raises :class:`DestinationRefused`. It resolves no name."""
        if len(text) > URL_LENGTH_MAX:
            raise DestinationRefused(f"must have at most {URL_LENGTH_MAX} characters")
        try:
            url = httpx2.URL(text)
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise DestinationRefused("must be an absolute URL such as https://example.com/hook") from error
        if url.scheme not in ("https", "http") or not url.host:
            raise DestinationRefused("must be an absolute URL such as https://example.com/hook")
        if url.scheme == "http" and not self.allow_private:
            raise DestinationRefused("must begin with https://")
        if url.userinfo:
            raise DestinationRefused("must not contain a user name or password")
        if url.fragment or text.endswith("#"):
            raise DestinationRefused("must not contain a fragment (#…)")
        if url.port is not None and not 0 < url.port < 2**16:
            raise DestinationRefused("must name a port from 1 to 65535, or none")
        return url

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host; raises :class:`DestinationRefused` if any of them may not be sent to.

        One forbidden address is enough to refuse: a name that resolves to both kinds is an attack, not a receiver.
        """
        try:
            async with asyncio.timeout(_LOOK_UP_TIMEOUT_S):
                found = [ip_address(text) for text in await self._resolve(host.strip("[]"), port)]
        except (OSError, UnicodeError, ValueError) as error:
            raise DestinationRefused(f"names a host that cannot be found: {host}") from error
        for address in found:
            why = self.refusal(address)
            if why is not None:
                raise DestinationRefused(f"leads to {address}, which is {why}")
        return [str(address) for address in found]

    def refusal(self, address: Address) -> str | None:
        """Return why an address may not be sent to, or ``None`` if it may."""
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return "an IPv4 address in disguise"
        if address.is_multicast or address.is_unspecified or _is_reserved(address):
            return "not the address of a single machine"
        if address.is_link_local or any(address in network for network in _METADATA):
            return "link-local or a cloud's own service"
        if self.allow_private or _is_public(address):
            return None
        return "not on the public internet"


def _is_reserved(address: Address) -> bool:
    # Most of the IPv6 space counts as reserved, loopback included; the other rules decide about it.
    return isinstance(address, IPv4Address) and address.is_reserved


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST_V6:
        return False
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


class _SystemResolver:
    """The system's resolver on threads of its own, so that a name server that hangs blocks nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVERS_MAX, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(found))


def _look_up(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
