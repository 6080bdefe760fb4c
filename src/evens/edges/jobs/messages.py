"""Webhook messages: the body, and headers signed according to https://www.standardwebhooks.com."""

import base64
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook as Signature

from evens import __version__
from evens.core.values.moments import format_time
from evens.identity.keys import InstallationKeys

_PREFIX: Final = "whsec_"
_ID_PREFIX: Final = "whk_"
_ID_BYTES: Final = 10
_ID: Final = re.compile(r"whk_[a-z2-7]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send. Its id is the same at every attempt, so that a receiver can recognise repeats."""

    id: str
    body: str

    @classmethod
    def of_notice(cls, notice: int, topic: str, at: int, data: str) -> "Message":
        """Return the message of a stored notice."""
        return cls.of_event(f"msg_{notice}", topic, at, data)

    @classmethod
    def of_event(cls, message_id: str, topic: str, at: int, data: str) -> "Message":
        """Return a message; ``data`` is a JSON object, ``at`` when it happened (nanoseconds since 1970)."""
        return cls(message_id, f'{{"type":"{topic}","timestamp":"{format_time(at)}","data":{data}}}')


class Secrets:
    """The webhooks' ids and signing secrets, derived from the installation's secret; no signing secret is stored.

    While an earlier secret of the installation counts, messages are signed with what follows from it, too.
    """

    def __init__(self, keys: InstallationKeys) -> None:
        self._keys = keys

    def new_id(self) -> str:
        """Return an id that no webhook has."""
        return _id_of(secrets.token_bytes(_ID_BYTES))

    def ids_of(self, scope: str, idempotency_key: str) -> list[str]:
        """Return the ids that a caller's key can have given a webhook, so that repeats are recognised.

        A new webhook gets the first.
        """
        name = f"{scope}\0{idempotency_key}"
        return [_id_of(keys.derive_secret("webhook-id", name)) for keys in (self._keys, *self._keys.earlier())]

    @staticmethod
    def is_id(text: str) -> bool:
        """Return whether the text has the form of a webhook's id."""
        return _ID.fullmatch(text) is not None

    def secret_of(self, webhook: str) -> str:
        """Return the secret as it is shown to the subscriber: ``whsec_`` and 32 bytes in base64."""
        return _secret_of(self._keys, webhook)

    def signing_secrets(self, webhook: str) -> list[str]:
        """Return every secret that its messages are signed with, the subscriber's newest first."""
        return [_secret_of(keys, webhook) for keys in (self._keys, *self._keys.earlier())]


def _id_of(token: bytes) -> str:
    return _ID_PREFIX + base64.b32encode(token[:_ID_BYTES]).decode("ascii").lower()


def _secret_of(keys: InstallationKeys, webhook: str) -> str:
    return _PREFIX + base64.b64encode(keys.derive_secret("webhook", webhook)).decode("ascii")


def signed_headers(message: Message, signers: Sequence[str], now: datetime | None = None) -> Mapping[str, str]:
    """Return the headers that go with the message when it is sent ``now``, with a signature by each of the secrets."""
    sent_at = now or datetime.now(UTC)
    return {
        "content-type": "application/json",
        "user-agent": f"Evens/{__version__}",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join([Signature(each).sign(message.id, sent_at, message.body) for each in signers]),
    }
