"""Where a server listens, and what answers there."""

import errno
import socket
from collections.abc import Container, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from evens.edges.cli.operations import AddressInUse, OperationFailed


def listen(host: str, port: int) -> socket.socket:
    """Bind the address before anything else is started, so that an address in use changes nothing."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressInUse(f"Something else listens on {host}:{port}; choose another port with --port.") from error
        raise OperationFailed(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from error


def url_of(listener: socket.socket) -> str:
    """Return the address of a server that listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def trusted_proxies() -> Container[str | None]:
    """Return the addresses that FORWARDED_ALLOW_IPS names, as uvicorn reads it.

    These are proxies: all of their clients come from their own address.
    """
    named = uvicorn.Config(_no_application, log_config=None).forwarded_allow_ips
    return ProxyHeadersMiddleware(_no_application, named).trusted_hosts


async def _no_application(*_asgi: Any) -> None:
    """Answer nothing."""


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers, which would raise the signal again after it was handled."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no signal handlers."""
        yield
