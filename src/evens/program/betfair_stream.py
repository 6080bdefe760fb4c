"""Where Betfair's Exchange Stream listens, and the certificate it shows."""

import asyncio
import errno
import os
import socket
import ssl
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from evens.edges.betfair.stream.stream import BetfairStream
from evens.edges.cli.operations import OperationFailed
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.places import Places
from evens.edges.http.services import Services
from evens.edges.stream.stream import Stream
from evens.settings import Settings
from evens.store.database import Database
from evens.store.exchange.followed import FollowedMarkets
from evens.store.exchange.snapshots import Snapshots

PORTS_AWAY: Final = 1000
"""How far the port is from that of HTTP, unless one is chosen."""

_PORT_MAX: Final = 65535
_BACKLOG: Final = 2048
_LIFETIME: Final = timedelta(days=3650)
_ANY_PORT: Final = 0


def open_betfair_stream(database: Database, services: Services, stream: Stream, metrics: Metrics) -> BetfairStream:
    """Compose the Exchange Stream, which hears of commits from now on."""
    betfair = BetfairStream(
        Snapshots(database),
        FollowedMarkets(database),
        services.currencies,
        services.identity,
        services.throttle,
        stream.metrics,
        metrics.registry,
    )
    services.gateway.follow(betfair)
    return betfair


def listen_for_betfair(settings: Settings, host: str, http_port: int) -> socket.socket:
    """Bind the port of the Exchange Stream. Raises :class:`OperationFailed` naming the setting that chooses it."""
    port = settings.betfair_stream_port
    if port is None:
        port = http_port + PORTS_AWAY if 0 < http_port <= _PORT_MAX - PORTS_AWAY else _ANY_PORT
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        because = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise OperationFailed(
            f"Betfair's Exchange Stream cannot listen on {host}:{port}: {because}. "
            "Choose another port with EVENS_BETFAIR_STREAM_PORT."
        ) from error


@asynccontextmanager
async def serving_betfair(
    betfair: BetfairStream, settings: Settings, listener: socket.socket, places: Places
) -> AsyncGenerator[None]:
    """Accept connections of the Exchange Stream, each of which takes a place, until the end of the block."""
    context = await asyncio.to_thread(tls_context, settings, listener.getsockname()[0])
    acceptor = betfair.listen(listener, places, context)
    try:
        yield
    finally:
        acceptor.close()


def tls_context(settings: Settings, host: str) -> ssl.SSLContext | None:
    """Return how the Exchange Stream speaks TLS, ``None`` if it does not. Raises :class:`OperationFailed`."""
    if settings.betfair_stream_tls == "off":
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    chosen = settings.betfair_stream_certificate
    if chosen is not None:
        try:
            context.load_cert_chain(chosen)
        except OSError as error:
            raise OperationFailed(
                f"EVENS_BETFAIR_STREAM_CERTIFICATE: {chosen} has no private key with its certificate in PEM: {error}."
            ) from error
        return context
    # Only a file can be loaded; the folder is nobody else's, and a system may have no other one to write to. A server
    # whose database is elsewhere may have no data folder yet.
    with tempfile.TemporaryDirectory(dir=settings.data if settings.data.is_dir() else None) as folder:
        path = Path(folder) / "stream.pem"
        path.touch(mode=0o600)
        path.write_bytes(_make_certificate(host))
        context.load_cert_chain(path)
    return context


def _make_certificate(host: str) -> bytes:
    """Return a private key and a certificate that it has signed itself. Betfair's clients check neither."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Evens")])
    now = datetime.now(UTC)
    names = [
        x509.DNSName("localhost"),
        x509.DNSName(socket.gethostname()),
        x509.IPAddress(ip_address(host.partition("%")[0])),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(os.urandom(16)))
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)
