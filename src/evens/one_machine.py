"""Connections between programs on one machine: no proxy lies between them, and over plain HTTP nobody is identified."""

import ssl
from typing import Final, TypedDict
from urllib.parse import urlsplit

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ClientOptions(TypedDict):
    """What an HTTP client is told of proxies and certificates."""

    trust_env: bool
    verify: ssl.SSLContext | bool


def is_on_this_machine(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def client_options(url: str) -> ClientOptions:
    """Return the options of a client of one URL: the proxy and the authorities of the environment, or neither.

    Reading the system's authorities takes a twentieth of a second, a tenth of what a command does. A client of plain
    HTTP on this machine never needs them: it gets a context that trusts nobody.
    """
    is_here = is_on_this_machine(url)
    is_plain = is_here and urlsplit(url).scheme == "http"
    return {"trust_env": not is_here, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else True}
