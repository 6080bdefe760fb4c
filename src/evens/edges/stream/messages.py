"""Messages from the server: their encoding, and the stable codes of errors."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from evens.edges.stream.protocol import frame

RETRY_AFTER_S: Final = 1

_encoder: Final = msgspec.json.Encoder()


class Code(StrEnum):
    """Why a request was refused or a subscription ended. Codes are stable, for programs.

    Besides these there are the codes of each channel, of :mod:`evens.identity.errors` and of refused access.
    """

    JSON_INVALID = "json_invalid"
    OP_UNKNOWN = "op_unknown"
    FIELD_MISSING = "field_missing"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_INVALID = "field_invalid"
    CHANNEL_UNKNOWN = "channel_unknown"
    NOT_AUTHENTICATED = "not_authenticated"
    IDENTITY_DIFFERS = "identity_differs"
    ALREADY_SUBSCRIBED = "already_subscribed"
    NOT_SUBSCRIBED = "not_subscribed"
    SUBSCRIPTIONS_LIMIT = "subscriptions_limit"
    NOT_LEADING = "not_leading"
    DATABASE_UNAVAILABLE = "database_unavailable"
    RESYNC = "resync"
    RATE_LIMITED = "rate_limited"
    TOO_MANY_ERRORS = "too_many_errors"
    STARTING = "starting"


RETRIED: Final = frozenset({Code.NOT_LEADING, Code.DATABASE_UNAVAILABLE, Code.RESYNC, Code.STARTING})
"""Errors that are not the client's fault: the same request may succeed a moment later."""


class StreamError(Exception):
    """Answers a client's request with an error message; ``field`` names the field that is wrong, if one is.

    ``retry_after_s``: after how long the same request may succeed, if that is known.
    """

    def __init__(self, code: str, detail: str, field: str | None = None, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.field = field
        self.retry_after_s = retry_after_s


def encode(document: Mapping[str, Any]) -> bytes:
    """Return a message as the WebSocket frame that is sent."""
    return frame(_encoder.encode(document))


def error(
    code: str, detail: str, *, field: str | None = None, retry_after_s: int | None = None, **subject: str | None
) -> dict[str, Any]:
    """Return an error message; ``subject`` may name a channel and an id."""
    document: dict[str, Any] = {"type": "error", "code": str(code), "detail": detail}
    document.update((name, value) for name, value in (("field", field), *subject.items()) if value is not None)
    if retry_after_s is not None or code in RETRIED:
        document["retry_after_s"] = RETRY_AFTER_S if retry_after_s is None else retry_after_s
    return document
