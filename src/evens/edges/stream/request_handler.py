"""Handles clients' requests: authenticates, subscribes, unsubscribes, and reports what is wrong with a request."""

from collections.abc import Sequence
from typing import Final

import structlog

from evens.core.values.public_ids import format_user_id
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.edges.http.protocol.verifying import verify_and_count
from evens.edges.stream.channel import Channel
from evens.edges.stream.hub import Hub
from evens.edges.stream.messages import RETRIED, RETRY_AFTER_S, Code, StreamError, error
from evens.edges.stream.protocol import POLICY_VIOLATION
from evens.edges.stream.reader import Credential, Reader
from evens.edges.stream.requests import Authenticate, StreamRequest, Subscribe, Unsubscribe, read_request
from evens.edges.stream.topic import Key
from evens.identity.errors import IdentityError, TryLater
from evens.identity.service import Identity
from evens.store.errors import StoreUnavailable

_log: Final = structlog.get_logger("evens.stream")

FAULTS_MAX: Final = 100
"""After so many wrong requests a connection is closed: the client is broken, or it is probing."""

_NEITHER: Final = "auth takes the field token, unless a page of this server connected with the cookie of a session."


class RequestHandler:
    """Handles the requests of every reader; those of one reader one after the other.

    ``throttle`` counts them together with the HTTP requests of the same caller or, without one, the same address.
    """

    def __init__(self, channels: Sequence[Channel], hub: Hub, identity: Identity, throttle: CallerThrottle) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._hub = hub
        self._identity = identity
        self._throttle = throttle

    async def handle(self, reader: Reader, message: str | bytes) -> None:
        """Do what a message asks for, or send the reader the reason why not."""
        request = None
        try:
            request = read_request(message)
            await self._do(reader, request)
        except StreamError as trouble:
            _refuse(reader, request, trouble.code, str(trouble), trouble.field, trouble.retry_after_s)
        except Refused as refused:
            _refuse(reader, request, refused.problem.code, refused.problem.detail, "id")
        except IdentityError as unknown:
            answered = self._identity.judging.answer_to(unknown)
            if isinstance(request, Authenticate):
                _log.info("stream_login", outcome=answered.code)
            wait_s = answered.retry_after_s if isinstance(answered, TryLater) else None
            _refuse(reader, request, answered.code, str(answered), None if wait_s else "token", wait_s)
        except StoreUnavailable:
            _refuse(reader, request, Code.DATABASE_UNAVAILABLE, "The database cannot be reached; ask again.", None)

    async def _do(self, reader: Reader, request: StreamRequest) -> None:
        match request:
            case Authenticate():
                await self._authenticate(reader, reader.cookie if request.token is None else request.token)
            case Subscribe():
                self._count(reader)
                self._hub.subscribe(reader, *self._resolve(reader, request), request.seq)
            case Unsubscribe():
                self._count(reader)
                key, public_id = self._resolve(reader, request)
                self._hub.unsubscribe(reader, key)
                reader.send({"type": "unsubscribed", "channel": request.channel, "id": public_id})

    async def _authenticate(self, reader: Reader, token: str | None) -> None:
        if token is None:
            raise StreamError(Code.FIELD_MISSING, _NEITHER, "token")
        try:
            principal = await verify_and_count(self._identity, self._throttle, token, reader.address)
        except Refused as refused:
            raise _too_many(refused) from refused
        if reader.credential is not None and reader.credential.principal != principal:
            raise StreamError(
                Code.IDENTITY_DIFFERS, "This connection is authenticated as another caller; open another one.", "token"
            )
        reader.credential = Credential(token, principal)
        _log.info("stream_login", caller=principal.scope)
        user_id = None if principal.customer is None else format_user_id(principal.customer)
        reader.send({"type": "authenticated", "role": principal.role, "user_id": user_id})

    def _count(self, reader: Reader) -> None:
        """Count a request of the reader's caller or address. Raises :class:`StreamError` if there are too many."""
        try:
            if reader.credential is None:
                self._throttle.check_address(reader.address)
            else:
                self._throttle.check(reader.credential.principal)
        except Refused as refused:
            raise _too_many(refused) from refused

    def _resolve(self, reader: Reader, request: Subscribe | Unsubscribe) -> tuple[Key, str]:
        """Return the topic that a request names, and its public id. Raises :class:`StreamError` or ``Refused``."""
        channel = self._channels.get(request.channel)
        if channel is None:
            detail = f"A channel is one of {', '.join(self._channels)}."
            raise StreamError(Code.CHANNEL_UNKNOWN, detail, "channel")
        principal = None if reader.credential is None else reader.credential.principal
        number, public_id = channel.resolve(principal, request.id)
        return (channel.name, number), public_id


def _too_many(refused: Refused) -> StreamError:
    wait_s = int((refused.headers or {}).get("Retry-After", RETRY_AFTER_S))
    return StreamError(Code.RATE_LIMITED, refused.problem.detail, retry_after_s=wait_s)


def _refuse(
    reader: Reader,
    request: StreamRequest | None,
    code: str,
    detail: str,
    field: str | None,
    retry_after_s: int | None = None,
) -> None:
    subject: dict[str, str | None] = {}
    if isinstance(request, Subscribe | Unsubscribe):
        subject = {"channel": request.channel[:100], "id": None if request.id is None else request.id[:100]}
    reader.send(error(code, detail, field=field, retry_after_s=retry_after_s, **subject))
    if code in RETRIED:
        return
    reader.faults += 1
    if reader.faults >= FAULTS_MAX:
        reader.send(error(Code.TOO_MANY_ERRORS, f"{FAULTS_MAX} wrong requests are too many; mend the program."))
        reader.connection.close(POLICY_VIOLATION, "too many errors")
