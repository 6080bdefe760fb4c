"""Sends one message to one webhook, and returns the outcome with the reason of a failure."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Self, cast

import httpcore2

from evens.edges.jobs.addresses import DestinationRefused, Destinations
from evens.edges.jobs.messages import Message, Secrets, signed_headers

ANSWER_BYTES_MAX: Final = 64 * 1024
"""Most bytes of an answer that are read, so that the connection can be used again. They are discarded."""

_CONNECT_TIMEOUT_S: Final = 4.0
_KEEP_ALIVE_S: Final = 15.0
_KEEP_ALIVE_MAX: Final = 100
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """A receiver's answer: ``status`` is ``None`` if there was none, ``error`` is ``None`` if the attempt succeeded."""

    status: int | None
    error: str | None

    @property
    def is_gone(self) -> bool:
        """Whether the receiver asks to be sent nothing any more."""
        return self.status == _GONE


@cache
def _system_trust() -> ssl.SSLContext:
    """Return what trusts the system's authorities, which are read once."""
    return ssl.create_default_context()


class Sender:
    """An HTTP client that goes only where :class:`Destinations` lets it.

    The check is made when the connection is opened: the name is resolved, the addresses are checked, and the socket is
    opened to one of these addresses. There is no second look-up that could return another address (DNS rebinding).
    Redirects are not followed and no proxy is used, not even one that the environment names. Certificates are verified,
    for the name in the URL.
    """

    def __init__(
        self,
        destinations: Destinations,
        secrets: Secrets,
        *,
        timeout_s: float = 10.0,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.destinations = destinations
        self.secrets = secrets
        self._timeout_s = timeout_s
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context or _system_trust(),
            network_backend=_GuardedNetwork(destinations),
            max_connections=None,
            max_keepalive_connections=_KEEP_ALIVE_MAX,
            keepalive_expiry=_KEEP_ALIVE_S,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def send(self, webhook: str, url: str, message: Message) -> Answer:
        """Sign and post the message. Every failure is returned as an answer, none is raised."""
        try:
            async with asyncio.timeout(self._timeout_s):
                headers = signed_headers(message, self.secrets.signing_secrets(webhook))
                status = await self._post(url, headers, message.body)
        except (TimeoutError, httpcore2.TimeoutException):
            return Answer(None, f"did not answer within {self._timeout_s:g} s")
        except DestinationRefused as error:
            return Answer(None, f"URL {error}")
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            return Answer(None, _explain(error))
        return Answer(status, _complaint(status))

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _post(self, text: str, headers: Mapping[str, str], body: str) -> int:
        url = self.destinations.parse(text)
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        host = [("host", url.netloc.decode("ascii"))]
        async with self._pool.stream(
            "POST", target, headers=[*host, *headers.items()], content=body.encode()
        ) as response:
            read = 0
            async for chunk in response.aiter_stream():
                read += len(chunk)
                if read > ANSWER_BYTES_MAX:
                    break
        return response.status


def _explain(error: BaseException) -> str:
    """Return why there was no answer, from what lies behind the client's error."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for kind, explanation in _EXPLANATIONS:
        if any(isinstance(each, kind) for each in causes):
            return explanation
    return "could not be reached"


_EXPLANATIONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "could not be reached: its certificate is not valid, or not for this name"),
    (ssl.SSLError, "could not be reached: it does not speak TLS as we do"),
    (ConnectionRefusedError, "could not be reached: nothing listens there"),
    (ConnectionResetError, "could not be reached: it broke the connection off"),
    (httpcore2.ProtocolError, "did not answer in HTTP"),
)


def _complaint(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"answered {status}; redirects are not followed"
    return f"answered {status}"


class _GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Opens sockets to checked addresses only. All names are resolved here."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        # If anyio is not installed, the library defines this name as a class without methods, which confuses type
        # checkers.
        self._network = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers."""
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in await self._destinations.addresses(host, port):
            try:
                return await self._network.connect_tcp(address, port, _CONNECT_TIMEOUT_S, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)
