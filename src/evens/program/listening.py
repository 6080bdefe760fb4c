"""Where a server listens, and what answers there."""

import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

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


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers, which would raise the signal again after it was handled."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Install no signal handlers."""
        yield
