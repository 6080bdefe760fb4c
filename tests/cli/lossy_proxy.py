"""A proxy to a real server that forwards whole requests, and drops the answers that a test chooses."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

Loses = Callable[[int, bytes], bool]
"""Says for the n-th request (from 1) and its bytes whether the answer is lost."""


class LossyProxy:
    """A proxy with one request for each connection; ``forwarded`` are those that reached the server."""

    def __init__(self, target_url: str, is_lost: Loses) -> None:
        target = urlsplit(target_url)
        assert target.hostname is not None
        assert target.port is not None
        self._target = (target.hostname, target.port)
        self._is_lost = is_lost
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.forwarded: list[bytes] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextmanager
    def open(self) -> Generator["LossyProxy"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._closed.set()
            self._thread.join()
            self._listener.close()

    def _serve(self) -> None:
        while not self._closed.is_set():
            with suppress(TimeoutError):
                caller, _ = self._listener.accept()
                with caller, suppress(OSError):
                    self._forward(caller)

    def _forward(self, caller: socket.socket) -> None:
        caller.settimeout(5)
        request = _read_message(caller)
        self.forwarded.append(request)
        is_lost = self._is_lost(len(self.forwarded), request)
        with socket.create_connection(self._target, timeout=5) as server:
            server.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = b"".join(iter(lambda: server.recv(65536), b""))
        if not is_lost:
            caller.sendall(answer)


def _read_message(caller: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += caller.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body
