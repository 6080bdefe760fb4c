"""Betfair's errors: what is wrong with a whole call, as an exception, and how JSON-RPC and REST write it.

What is wrong with one instruction of an order operation is no error of the call: it is told in that instruction's
report (:mod:`evens.edges.betfair.order_codes`). A call that is wrong in several ways hears of the first of these: its
JSON, its operation, the application key, the session, too many requests, its parameters, and what they ask for.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SERVER_ERROR: Final = -32099
PARSE_ERROR: Final = -32700
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMETERS: Final = -32602

_NUMBERS: Final[Mapping[str, int]] = {
    "TOO_MUCH_DATA": 1,
    "INVALID_INPUT_DATA": 2,
    "INVALID_SESSION_INFORMATION": 3,
    "UNEXPECTED_ERROR": 4,
    "INVALID_APP_KEY": 5,
    "TOO_MANY_REQUESTS": 6,
    "SERVICE_BUSY": 7,
    "TIMEOUT_ERROR": 8,
    "REQUEST_SIZE_EXCEEDS_LIMIT": 9,
    "ACCESS_DENIED": 10,
    "NO_SESSION": 11,
    "NO_APP_KEY": 12,
    "WALLET_TRANSFER_ERROR": 13,
}


@dataclass(frozen=True, slots=True)
class Family:
    """The errors of one API: the name of its exception, and how its messages begin."""

    exception: str
    prefix: str


BETTING: Final = Family("APINGException", "ANGX")
ACCOUNT: Final = Family("AccountAPINGException", "AANGX")


class ApiError(Exception):
    """The call is refused. ``code`` is Betfair's, ``details`` a sentence for whoever reads the program's log."""

    def __init__(self, code: str, details: str = "") -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


class RpcError(Exception):
    """The call is none that can be made: ``number`` is JSON-RPC's, ``message`` Betfair's."""

    def __init__(self, number: int, message: str, details: str) -> None:
        super().__init__(number, message, details)
        self.number = number
        self.message = message
        self.details = details


def not_json(details: str) -> RpcError:
    """Return the error of a body that is not JSON."""
    return RpcError(PARSE_ERROR, "DSC-0008", details)


def no_such_operation(name: str) -> RpcError:
    """Return the error of an operation that there is not."""
    return RpcError(METHOD_NOT_FOUND, "DSC-0021", f"There is no operation {name}; docs/betfair.md lists what there is.")


def wrong_parameters(details: str) -> RpcError:
    """Return the error of parameters that are missing, unknown, or of another type."""
    return RpcError(INVALID_PARAMETERS, "DSC-0018", details)


def too_large(details: str) -> ApiError:
    """Return the error of a request that is too long."""
    return ApiError("REQUEST_SIZE_EXCEEDS_LIMIT", details)


def write_rpc(error: ApiError | RpcError, family: Family) -> dict[str, Any]:
    """Return the ``error`` member of a JSON-RPC answer."""
    if isinstance(error, RpcError):
        return {"code": error.number, "message": error.message}
    return {"code": SERVER_ERROR, "message": _message(error, family), "data": _detail(error, family)}


def write_rest(error: ApiError | RpcError, family: Family) -> dict[str, Any]:
    """Return the fault that REST answers with."""
    if isinstance(error, RpcError):
        return {"faultcode": "Client", "faultstring": error.message, "detail": {}}
    return {"faultcode": "Client", "faultstring": _message(error, family), "detail": _detail(error, family)}


def _message(error: ApiError, family: Family) -> str:
    return f"{family.prefix}-{_NUMBERS[error.code]:04d}"


def _detail(error: ApiError, family: Family) -> dict[str, Any]:
    told = {"requestUUID": str(uuid.uuid4()), "errorCode": error.code, "errorDetails": error.details}
    return {family.exception: told, "exceptionname": family.exception}
