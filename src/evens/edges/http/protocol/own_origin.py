"""Whether a request was sent by one of our own pages, as browsers tell it: by its origin, which no page can forge."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_SAME: Final = "same-origin"
_HIDDEN: Final = "null"
"""What browsers send in place of an origin that they were told to keep to themselves."""


class OwnOrigin:
    """Knows the origins of this server: its public address, and whatever address the browser itself asked for.

    The latter is in the header ``Host``, which a page cannot choose. Where the public address is one with TLS, a page
    that came without is none of ours.
    """

    def __init__(self, public_url: str = "") -> None:
        self._public = _origin_of(public_url)
        self.is_by_https: Final = public_url.startswith("https://")

    def has(self, origin: str, host: str | None) -> bool:
        """Return whether an origin is ours, for a request that was sent to a host."""
        known = _origin_of(origin)
        if known is None or (self.is_by_https and known[0] != "https"):
            return False
        return known == self._public or known == _origin_of(f"{known[0]}://{host or ''}")

    def sent(self, headers: Mapping[str, str]) -> bool:
        """Return whether our own page sent a request. At least one header must say so, and none otherwise."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if origin is None or (origin == _HIDDEN and site is not None):
            return site == _SAME
        return site in {None, _SAME} and self.has(origin, headers.get("host"))


def _origin_of(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address, ``None`` if it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
