"""Answering readers: who they are, what they may follow, and what was wrong with what they asked."""

from typing import Final

from evens.core.values.public_ids import format_market_id, format_user_id, parse_market_id
from evens.edges.http.protocol.access import ME, resolve_customer
from evens.edges.http.protocol.problem import Refused
from evens.edges.stream.hub import Hub
from evens.edges.stream.messages import RETRIED, Code, StreamError, error
from evens.edges.stream.protocol import POLICY_VIOLATION
from evens.edges.stream.reader import Credential, Reader
from evens.edges.stream.requests import Authenticate, StreamRequest, Subscribe, Unsubscribe, read_request
from evens.edges.stream.topic import ACCOUNT, MARKET, Key
from evens.identity.errors import IdentityError
from evens.identity.service import Identity
from evens.store.errors import StoreUnavailable

FAULTS_MAX: Final = 100
"""After so many wrong requests a connection is ended: its program is broken, or looking for something."""


class Desk:
    """Takes readers' requests, one after the other for each reader."""

    def __init__(self, hub: Hub, identity: Identity) -> None:
        self._hub = hub
        self._identity = identity

    async def answer(self, reader: Reader, message: str | bytes) -> None:
        """Do what a message asks for, or say why not."""
        request = None
        try:
            request = read_request(message)
            await self._do(reader, request)
        except StreamError as trouble:
            _refuse(reader, request, trouble.code, str(trouble), trouble.field)
        except Refused as refused:
            _refuse(reader, request, refused.problem.code, refused.problem.detail, "id")
        except IdentityError as unknown:
            _refuse(reader, request, unknown.code, str(unknown), "token")
        except StoreUnavailable:
            _refuse(reader, request, Code.DATABASE_UNAVAILABLE, "The database cannot be reached; ask again.", None)

    async def _do(self, reader: Reader, request: StreamRequest) -> None:
        match request:
            case Authenticate():
                await self._authenticate(reader, request.token)
            case Subscribe():
                self._hub.follow(reader, *_thing(reader, request.channel, request.id))
            case Unsubscribe():
                key, subject = _thing(reader, request.channel, request.id)
                self._hub.leave(reader, key)
                reader.tell({"type": "unsubscribed", "channel": request.channel, "id": subject})

    async def _authenticate(self, reader: Reader, token: str) -> None:
        principal = await self._identity.authenticate(token)
        if reader.credential is not None and reader.credential.principal != principal:
            raise StreamError(
                Code.IDENTITY_DIFFERS, "This connection is somebody else's already; open another one.", "token"
            )
        reader.credential = Credential(token, principal)
        user_id = None if principal.customer is None else format_user_id(principal.customer)
        reader.tell({"type": "authenticated", "role": principal.role, "user_id": user_id})


def _thing(reader: Reader, channel: str, subject: str | None) -> tuple[Key, str]:
    """Return what a channel and an id stand for, and its public id. Raises :class:`StreamError`, or a refusal."""
    if channel == MARKET:
        if subject is None:
            raise StreamError(Code.FIELD_MISSING, "The market channel takes the field id: a market's.", "id")
        market = parse_market_id(subject)
        if market is None:
            raise StreamError(Code.MARKET_UNKNOWN, "There is no such market; check the id.", "id")
        return (MARKET, market), format_market_id(market)
    if channel == ACCOUNT:
        if reader.credential is None:
            raise StreamError(Code.NOT_AUTHENTICATED, 'Say who you are first: {"op": "auth", "token": …}.')
        customer = resolve_customer(reader.credential.principal, ME if subject is None else subject)
        return (ACCOUNT, customer), format_user_id(customer)
    raise StreamError(Code.CHANNEL_UNKNOWN, f"A channel is one of {MARKET}, {ACCOUNT}.", "channel")


def _refuse(reader: Reader, request: StreamRequest | None, code: str, detail: str, field: str | None) -> None:
    subject: dict[str, str | None] = {}
    if isinstance(request, Subscribe | Unsubscribe):
        subject = {"channel": request.channel[:100], "id": None if request.id is None else request.id[:100]}
    reader.tell(error(code, detail, field=field, **subject))
    if code in RETRIED:
        return
    reader.faults += 1
    if reader.faults >= FAULTS_MAX:
        reader.tell(error(Code.TOO_MANY_ERRORS, f"{FAULTS_MAX} wrong requests are too many; mend the program."))
        reader.connection.close(POLICY_VIOLATION, "too many errors")
