"""Clients' requests, parsed strictly: the error names an unknown op and a missing, unknown or wrong field."""

from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from evens.core.values.moments import MOMENT_MAX
from evens.edges.stream.messages import Code, StreamError


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Authenticate the connection by an access token or an API key; without one, by the cookie it came with."""

    token: str | None = None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask for a snapshot of one thing, and for its changes from then on; with ``seq`` also for what came after it."""

    channel: str
    id: str | None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Ask for no more changes of one thing."""

    channel: str
    id: str | None


StreamRequest = Authenticate | Subscribe | Unsubscribe

_FIELDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "auth": ((), ("token",)),
    "subscribe": (("channel",), ("id", "seq")),
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
        return Authenticate(fields.get("token"))
    if op == "unsubscribe":
        return Unsubscribe(fields["channel"], fields.get("id"))
    return Subscribe(fields["channel"], fields.get("id"), fields.get("seq"))


def _check(op: str, fields: dict[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for name in required:
        if name not in fields:
            raise StreamError(Code.FIELD_MISSING, f"{op} takes the field {name}.", name)
    for name, value in fields.items():
        if name not in required and name not in optional:
            raise StreamError(Code.FIELD_UNKNOWN, f"{op} takes no such field.", name[:100])
        if name == "seq":
            if type(value) is not int or not 0 <= value <= MOMENT_MAX:
                raise StreamError(Code.FIELD_INVALID, "must be a place in the journal: a whole number", name)
        elif not isinstance(value, str):
            raise StreamError(Code.FIELD_INVALID, "must be a string", name)
