"""Statuses: Betfair's answers to requests, and how a message is written on a line."""

from enum import StrEnum
from typing import Any, Final

import msgspec

_encoder: Final = msgspec.json.Encoder()


class Code(StrEnum):
    """Why a request failed; the codes are Betfair's."""

    NO_APP_KEY = "NO_APP_KEY"
    NO_SESSION = "NO_SESSION"
    INVALID_SESSION = "INVALID_SESSION_INFORMATION"
    NOT_AUTHORIZED = "NOT_AUTHORIZED"
    TOO_MANY_CONNECTIONS = "MAX_CONNECTION_LIMIT_EXCEEDED"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_CLOCK = "INVALID_CLOCK"
    INVALID_REQUEST = "INVALID_REQUEST"
    TOO_MANY_MARKETS = "SUBSCRIPTION_LIMIT_EXCEEDED"
    TIMEOUT = "TIMEOUT"
    UNEXPECTED = "UNEXPECTED_ERROR"


ENDING: Final = frozenset(Code) - {Code.INVALID_INPUT, Code.INVALID_CLOCK, Code.TOO_MANY_MARKETS}
"""The failures after which the server closes the connection."""


class RequestFailed(Exception):
    """A request is refused with ``code``; the message says what to do."""

    def __init__(self, code: Code, message: str, request: int | str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.request = request


def line(document: dict[str, Any]) -> bytes:
    """Return a message as it is sent."""
    return _encoder.encode(document) + b"\r\n"


def success(request: int | str | None, connections_available: int | None = None) -> dict[str, Any]:
    """Return the status of a request that was carried out."""
    status = {"op": "status", "id": request, "statusCode": "SUCCESS", "connectionClosed": False}
    if connections_available is not None:
        status["connectionsAvailable"] = connections_available
    return {name: value for name, value in status.items() if value is not None}


def failure(connection: str, code: Code, message: str, request: int | str | None = None) -> dict[str, Any]:
    """Return the status of a request that was refused, or why a connection ends."""
    status = {
        "op": "status",
        "id": request,
        "statusCode": "FAILURE",
        "errorCode": str(code),
        "errorMessage": message,
        "connectionClosed": code in ENDING,
        "connectionId": connection,
    }
    return {name: value for name, value in status.items() if value is not None}
