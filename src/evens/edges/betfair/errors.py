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


@dataclass(frozen=True, slots=True)
class Family:
    """The errors of one API, as Betfair's interface definition (``SportsAPING.xml`` and so on) has them.

    ``exception`` is the name of the exception, ``prefix`` how its messages begin, and ``numbers`` those of its codes.
    What has no code in a family is told by one that it has: ``instead``.
    """

    exception: str
    prefix: str
    numbers: Mapping[str, int]
    instead: Mapping[str, str]

    def code_of(self, error: "ApiError") -> str:
        """Return the code by which this family tells an error."""
        return self.instead.get(error.code, error.code)

    def message_of(self, error: "ApiError") -> str:
        """Return the message of an error: the family's prefix and the number of the code."""
        return f"{self.prefix}-{self.numbers[self.code_of(error)]:04d}"


BETTING: Final = Family(
    "APINGException",
    "ANGX",
    {
        "TOO_MUCH_DATA": 1,
        "INVALID_INPUT_DATA": 2,
        "INVALID_SESSION_INFORMATION": 3,
        "NO_APP_KEY": 4,
        "NO_SESSION": 5,
        "UNEXPECTED_ERROR": 6,
        "TOO_MANY_REQUESTS": 8,
        "SERVICE_BUSY": 9,
        "TIMEOUT_ERROR": 10,
        "REQUEST_SIZE_EXCEEDS_LIMIT": 14,
        "ACCESS_DENIED": 15,
    },
    {},
)
ACCOUNT: Final = Family(
    "AccountAPINGException",
    "AANGX",
    {
        "INVALID_INPUT_DATA": 1,
        "INVALID_SESSION_INFORMATION": 2,
        "UNEXPECTED_ERROR": 3,
        "SERVICE_BUSY": 5,
        "TIMEOUT_ERROR": 6,
        "NO_SESSION": 10,
        "NO_APP_KEY": 11,
        "TOO_MANY_REQUESTS": 14,
        "WALLET_TRANSFER_ERROR": 16,
    },
    {"ACCESS_DENIED": "INVALID_SESSION_INFORMATION", "REQUEST_SIZE_EXCEEDS_LIMIT": "INVALID_INPUT_DATA"},
)
HEARTBEAT: Final = Family(
    "APINGException",
    "HBT",
    {
        "INVALID_INPUT_DATA": 1,
        "INVALID_SESSION_INFORMATION": 2,
        "NO_APP_KEY": 3,
        "NO_SESSION": 4,
        "UNEXPECTED_ERROR": 6,
    },
    {
        "ACCESS_DENIED": "INVALID_SESSION_INFORMATION",
        "REQUEST_SIZE_EXCEEDS_LIMIT": "INVALID_INPUT_DATA",
        "SERVICE_BUSY": "UNEXPECTED_ERROR",
        "TIMEOUT_ERROR": "UNEXPECTED_ERROR",
        "TOO_MANY_REQUESTS": "UNEXPECTED_ERROR",
    },
)


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


def missing_parameters(details: str) -> RpcError:
    """Return the error of parameters that are missing."""
    return RpcError(INVALID_PARAMETERS, "DSC-0018", details)


def wrong_parameters(details: str) -> RpcError:
    """Return the error of parameters that are unknown, or of another type."""
    return RpcError(INVALID_PARAMETERS, "DSC-0009", details)


def rest_status(error: "ApiError | RpcError") -> int:
    """Return the HTTP status of a REST answer: 404 for an operation that there is not, else 400."""
    return 404 if isinstance(error, RpcError) and error.number == METHOD_NOT_FOUND else 400


def too_large(details: str) -> ApiError:
    """Return the error of a request that is too long."""
    return ApiError("REQUEST_SIZE_EXCEEDS_LIMIT", details)


def write_rpc(error: ApiError | RpcError, family: Family) -> dict[str, Any]:
    """Return the ``error`` member of a JSON-RPC answer."""
    if isinstance(error, RpcError):
        return {"code": error.number, "message": error.message}
    return {"code": SERVER_ERROR, "message": family.message_of(error), "data": _detail(error, family)}


def write_rest(error: ApiError | RpcError, family: Family) -> dict[str, Any]:
    """Return the fault that REST answers with."""
    if isinstance(error, RpcError):
        return {"faultcode": "Client", "faultstring": error.message, "detail": {}}
    return {"faultcode": "Client", "faultstring": family.message_of(error), "detail": _detail(error, family)}


def _detail(error: ApiError, family: Family) -> dict[str, Any]:
    told = {"requestUUID": str(uuid.uuid4()), "errorCode": family.code_of(error), "errorDetails": error.details}
    return {family.exception: told, "exceptionname": family.exception}
