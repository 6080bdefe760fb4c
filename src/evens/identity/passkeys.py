"""Passkeys: logging in by a key that an authenticator keeps, in place of a password and a second factor.

Theory of operation
-------------------
*Challenges.* An authenticator signs a challenge of ours. It is random and has its expiry and a proof (HMAC) that it was
made here for one *binding*: the session that adds a passkey, or an opaque cookie of the browser that logs in. So
nothing is stored while nobody has answered, whoever asks. An answer that arrives uses the challenge up, right or wrong:
its hash is recorded, in one statement that only one of several can win, until it is too old anyway.

*What an answer must have*: a fresh challenge of the same binding, our origin, our domain (the relying party), a
signature of a known key, and that the authenticator verified its user, by a fingerprint or a PIN: possession and
knowledge, so the session counts as begun with a second factor.

*Copies.* An authenticator that counts must count up. An answer whose count is not above the last one comes from a copy,
or meets one that was faster, and is refused. Those that do not count say 0.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from evens.core.values.ids import CustomerId
from evens.identity.errors import AlreadySo, CustomerUnknown, NotAuthenticated, NotFound, ValueRefused
from evens.identity.keys import InstallationKeys
from evens.identity.passkey_place import PasskeyPlace
from evens.identity.passkey_store import PasskeyRecord, PasskeyStore
from evens.identity.principal import Role
from evens.identity.sessions import Device, Session, Sessions

if TYPE_CHECKING:
    from evens.identity.authenticators import VerifiedAuthentication, VerifiedRegistration

CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
"""How long a challenge can be answered."""

LIVE_MAX: Final = 20
"""Most passkeys of one customer."""

NAME_LENGTH_MAX: Final = 100

Credential = Mapping[str, Any]
"""What a browser gives as ``PublicKeyCredential.toJSON()``."""

_PURPOSE: Final = "passkey-challenge"
_NONCE_BYTES, _EXPIRY_BYTES, _PROOF_BYTES = 16, 8, 32
_ID: Final = re.compile(r"psk_([0-9a-f]{32})", re.ASCII)
_TEXTS: Final = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")


class PasskeyInvalid(ValueRefused):
    """What was sent is no answer to a challenge of ours, or not of a new passkey."""

    code = "passkey_invalid"

    def __init__(self, message: str = "is not a new passkey for this page; ask for options and try again") -> None:
        super().__init__("credential", message)


class PasskeyRefused(NotAuthenticated):
    """A login by passkey failed. Says no more than that."""

    code = "passkey_refused"

    def __init__(self) -> None:
        super().__init__("This passkey does not log anybody in here; try again, or log in with your password.")


class PasskeyUnknown(NotFound):
    """The caller has no passkey with this id."""

    code = "passkey_unknown"

    def __init__(self) -> None:
        super().__init__("You have no passkey with this id; GET /v1/me/passkeys lists those that you have.")


class TooManyPasskeys(AlreadySo):
    """There are as many passkeys as one may have."""

    code = "passkeys_limit"

    def __init__(self) -> None:
        super().__init__(f"You have {LIVE_MAX} passkeys, and no more may be; remove one that is not needed.")


class PasskeyTaken(AlreadySo):
    """The authenticator has offered a passkey that is recorded already."""

    code = "passkey_taken"

    def __init__(self) -> None:
        super().__init__("This passkey is recorded already.")


class Passkeys:
    """Adds, lists and removes passkeys, and begins sessions by them; see the theory of operation above."""

    def __init__(
        self,
        store: PasskeyStore,
        keys: InstallationKeys,
        sessions: Sessions,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._keys = keys
        self._sessions = sessions
        self._clock = clock

    async def offer(self, place: PasskeyPlace, customer: CustomerId, username: str, session: uuid.UUID) -> str:
        """Return, as JSON, what a browser needs to make a passkey for a customer within a session of theirs."""
        known = await self._store.passkeys_of(customer)
        return _authenticators().ask_for_new(
            place,
            self._challenge(session.hex),
            _milliseconds(CHALLENGE_LIFETIME),
            (_handle(customer), username),
            [each.credential_id for each in known],
        )

    async def add(
        self, place: PasskeyPlace, customer: CustomerId, session: uuid.UUID, credential: Credential, name: str
    ) -> PasskeyRecord:
        """Record a new passkey. Raises :class:`PasskeyInvalid`, :class:`PasskeyTaken`, :class:`TooManyPasskeys`."""
        answer = _strict(credential)
        challenge = await self._used(answer, session.hex)
        if challenge is None:
            raise PasskeyInvalid
        verified: VerifiedRegistration | None = _authenticators().check_new(place, challenge, answer)
        if verified is None:
            raise PasskeyInvalid
        key = verified.credential_public_key, verified.sign_count
        added = await self._store.add_passkey(uuid.uuid4(), verified.credential_id, customer, key, name, LIVE_MAX)
        if added == "taken":
            raise PasskeyTaken
        if added == "too_many":
            raise TooManyPasskeys
        return added

    def ask(self, place: PasskeyPlace, binding: str) -> str:
        """Return, as JSON, what a browser needs to let somebody log in by a passkey; ``binding`` is its cookie."""
        return _authenticators().ask_for_known(place, self._challenge(binding), _milliseconds(CHALLENGE_LIFETIME))

    async def log_in(
        self, place: PasskeyPlace, binding: str, credential: Credential, *, device: Device, end_oldest: bool = False
    ) -> Session:
        """Begin a session by a passkey. Raises :class:`PasskeyRefused`, :class:`TooManySessions`."""
        try:
            answer = _strict(credential)
            challenge = await self._used(answer, binding)
        except PasskeyInvalid:
            raise PasskeyRefused from None
        known = await self._store.passkey(_decoded(answer["rawId"]))
        if challenge is None or known is None:
            raise PasskeyRefused
        verified: VerifiedAuthentication | None = _authenticators().check_known(
            place, challenge, answer, known.public_key, known.sign_count
        )
        if verified is None:
            raise PasskeyRefused
        handle = answer["response"].get("userHandle")
        if handle and _decoded(handle) != _handle(known.customer):
            raise PasskeyRefused
        # Of two answers with one count, the copy's and the owner's, only one is taken.
        if not await self._store.count_passkey(known.id, known.sign_count, verified.new_sign_count):
            raise PasskeyRefused
        login = await self._store.login_of(known.customer)
        if login is None:
            raise CustomerUnknown
        return await self._sessions.begin(
            login.customer,
            login.username,
            role=Role(login.role),
            second_factor=True,
            device=device,
            end_oldest=end_oldest,
        )

    async def list_of(self, customer: CustomerId) -> Sequence[PasskeyRecord]:
        """Return a customer's passkeys, oldest first."""
        return await self._store.passkeys_of(customer)

    async def rename(self, customer: CustomerId, passkey_id: str, name: str) -> PasskeyRecord:
        """Give a customer's passkey another name. Raises :class:`PasskeyUnknown`."""
        number = _parse_id(passkey_id)
        renamed = None if number is None else await self._store.rename_passkey(customer, number, name)
        if renamed is None:
            raise PasskeyUnknown
        return renamed

    async def remove(self, customer: CustomerId, passkey_id: str) -> None:
        """Remove a customer's passkey: nobody logs in with it any more. Raises :class:`PasskeyUnknown`."""
        number = _parse_id(passkey_id)
        if number is None or not await self._store.remove_passkey(customer, number):
            raise PasskeyUnknown

    async def forget_challenges(self) -> None:
        """Forget challenges that are too old to be answered anyway."""
        await self._store.forget_challenges()

    def _challenge(self, binding: str) -> bytes:
        expiry = int(self._clock()) + int(CHALLENGE_LIFETIME.total_seconds())
        said = secrets.token_bytes(_NONCE_BYTES) + expiry.to_bytes(_EXPIRY_BYTES, "big")
        return said + self._proof(said, binding)

    async def _used(self, answer: dict[str, Any], binding: str) -> bytes | None:
        """Use up the challenge that was answered, and return it; ``None`` unless it was good for this binding."""
        challenge = _challenge_in(answer)
        said, proof = challenge[:-_PROOF_BYTES], challenge[-_PROOF_BYTES:]
        is_ours = len(said) == _NONCE_BYTES + _EXPIRY_BYTES and hmac.compare_digest(proof, self._proof(said, binding))
        if not is_ours or int.from_bytes(said[_NONCE_BYTES:], "big") <= self._clock():
            return None
        is_first = await self._store.use_challenge(hashlib.sha256(challenge).digest(), CHALLENGE_LIFETIME)
        return challenge if is_first else None

    def _proof(self, said: bytes, binding: str) -> bytes:
        return self._keys.derive_secret(_PURPOSE, f"{said.hex()}:{binding}")


def format_passkey_id(passkey: uuid.UUID) -> str:
    """Return the public id of a passkey."""
    return f"psk_{passkey.hex}"


def _parse_id(text: str) -> uuid.UUID | None:
    match = _ID.fullmatch(text)
    return None if match is None else uuid.UUID(hex=match[1])


def _handle(customer: CustomerId) -> bytes:
    """Return by what an authenticator knows whose a passkey is."""
    return f"usr_{customer}".encode()


def _milliseconds(period: timedelta) -> int:
    return int(period.total_seconds()) * 1000


def _strict(credential: Credential) -> dict[str, Any]:
    """Return what of a browser's answer counts. Raises :class:`PasskeyInvalid` if it has another shape."""
    response: Any = credential.get("response")
    if not isinstance(response, Mapping):
        raise PasskeyInvalid
    given = cast("Mapping[str, Any]", response)
    texts = {name: given[name] for name in _TEXTS if given.get(name) is not None}
    outer = {name: credential.get(name) for name in ("id", "rawId", "type")}
    if not all(isinstance(value, str) for value in (*texts.values(), *outer.values())):
        raise PasskeyInvalid
    for name in ("rawId", "userHandle"):
        _decoded(outer.get(name) or texts.get(name) or "")
    return {**outer, "response": texts}


def _challenge_in(answer: dict[str, Any]) -> bytes:
    try:
        said: Any = json.loads(_decoded(answer["response"]["clientDataJSON"]))
        return _decoded(said["challenge"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise PasskeyInvalid from None


def _decoded(text: str) -> bytes:
    """Return the bytes of base64url text. Raises :class:`PasskeyInvalid`."""
    try:
        return base64.b64decode(text.encode("ascii") + b"==", altchars=b"-_")
    except (binascii.Error, UnicodeEncodeError, AttributeError):
        raise PasskeyInvalid from None


def _authenticators() -> Any:
    """Return the module of this name, imported when it is first needed: most servers start without any passkey."""
    return import_module("evens.identity.authenticators")
