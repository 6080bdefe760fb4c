"""Clients' requests, parsed strictly: the error names an unknown op and a missing, unknown or wrong field."""

from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from evens.edges.stream.messages import Code, StreamError


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Authenticate the connection by an access token or an API key."""

    token: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask for a snapshot of one thing, and for its changes from then on."""

    channel: str
    id: str | None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Ask for no more changes of one thing."""

    channel: str
    id: str | None


StreamRequest = Authenticate | Subscribe | Unsubscribe

_FIELDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "auth": (("token",), ()),
    "subscribe": (("channel",), ("id",)),
    "unsubscribe": (("channel",), ("id",)),
}
"""By op: the fields that must be there, and those that may."""


def read_request(message: str | bytes) -> StreamRequest:
    """Return what a message asks for. Raises :class:`StreamError`."""
    try:
        document: Any = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise StreamError(Code.JSON_INVALID, 'Send JSON objects such as {"op": "subscribe", …}.') from error
    if not isinstance(document, dict):
        raise StreamError(Code.JSON_INVALID, 'Send JSON objects such as {"op": "subscribe", …}.')
    fields = cast("dict[str, Any]", document)
    op = fields.pop("op", None)
    if not isinstance(op, str) or op not in _FIELDS:
        raise StreamError(Code.OP_UNKNOWN, f"An op is one of {', '.join(_FIELDS)}.", "op")
    required, optional = _FIELDS[op]
    _check(op, fields, required, optional)
    if op == "auth":
        return Authenticate(fields["token"])
    kind = Subscribe if op == "subscribe" else Unsubscribe
    return kind(fields["channel"], fields.get("id"))


def _check(op: str, fields: dict[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for name in required:
        if name not in fields:
            raise StreamError(Code.FIELD_MISSING, f"{op} takes the field {name}.", name)
    for name, value in fields.items():
        if name not in required and name not in optional:
            raise StreamError(Code.FIELD_UNKNOWN, f"{op} takes no such field.", name[:100])
        if not isinstance(value, str):
            raise StreamError(Code.FIELD_INVALID, "must be a string", name)
