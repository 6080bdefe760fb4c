"""Where passkeys work: browsers bind each to a domain, so the server has to know its own."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_LOCAL: Final = "localhost"


@dataclass(frozen=True, slots=True)
class PasskeyPlace:
    """The domain that passkeys belong to (the relying party's id), and the origin of the pages that may use them."""

    domain: str
    origin: str


def passkey_place(public_url: str) -> PasskeyPlace | None:
    """Return where passkeys work, given the public address; ``None`` if that has no domain or is open to listeners.

    A server that is reached at a loopback address alone has the domain that browsers know for it.
    """
    parts = urlsplit(public_url)
    host, port = parts.hostname, "" if parts.port is None else f":{parts.port}"
    if not host:
        return None
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_secure = parts.scheme == "https" or host == _LOCAL
        return PasskeyPlace(host, f"{parts.scheme}://{host}{port}") if is_secure else None
    return PasskeyPlace(_LOCAL, f"{parts.scheme}://{_LOCAL}{port}") if is_loopback else None
