"""Calls over HTTP: JSON-RPC, single or in a list, and the REST variant, which is one operation an address."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from evens.edges.betfair.calls import Dialect, Operations
from evens.edges.betfair.errors import (
    ApiError,
    Family,
    RpcError,
    missing_parameters,
    no_such_operation,
    not_json,
    rest_status,
    too_large,
    write_rest,
    write_rpc,
    wrong_parameters,
)
from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.strict import BatchRequest
from evens.edges.http.protocol.strict_json import parse_encodable
from evens.edges.http.protocol.verifying import verify_and_count
from evens.identity.cookies import COOKIE_PREFIX
from evens.identity.errors import IdentityError, NotAuthenticated
from evens.identity.principal import Principal
from evens.sequencer.errors import CommandFailed, KeyReused, NotBooked, OutcomeUnknown
from evens.store.errors import StoreUnavailable

CALLS_MAX: Final = 100
"""Most calls in one list."""

_log: Final = structlog.get_logger(__name__)
_APP_KEY: Final = "x-application"
_TOKEN: Final = "x-authentication"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Api:
    """One of Betfair's APIs: how the names of its operations begin, what they are, and how its errors are written."""

    prefix: str
    operations: Operations
    family: Family


class LooseRequest(BatchRequest):
    """A request that is read as JSON whatever it says it is, as Betfair does."""

    def check_media_type(self, value: str) -> None:
        """Take every kind of body."""


class Rpc:
    """Answers calls to one API. All that goes wrong is told as Betfair tells it."""

    def __init__(self, dialect: Dialect, api: Api) -> None:
        self._dialect = dialect
        self._api = api

    async def answer_rpc(self, request: Request) -> Response:
        """Answer a JSON-RPC request: a call, or a list of calls in their order. The status is always 200."""
        method = request.path_params.get("method")
        caller = _Once(lambda: self.caller(request))
        try:
            await caller.count()
            said = await _read(request)
        except (ApiError, RpcError) as error:
            return _json({"jsonrpc": "2.0", "error": write_rpc(error, self._api.family), "id": None})
        if not isinstance(said, list):
            return _json(await self._answer_one(caller, said, method))
        calls = cast("list[object]", said)
        if not 0 < len(calls) <= CALLS_MAX:
            error = too_large(f"A list has 1 to {CALLS_MAX} calls.")
            return _json({"jsonrpc": "2.0", "error": write_rpc(error, self._api.family), "id": None})
        answers: list[dict[str, Any]] = []
        for place, call in enumerate(calls):
            # The first was counted before the list was read. Each of the others counts like a request of its own.
            counted = caller if place == 0 else _Once(lambda: self.caller(request))
            answers.append(await self._answer_one(counted, call, method))
            # Others have their turn between two calls of one list.
            await asyncio.sleep(0)
        return _json(answers)

    async def answer_rest(self, request: Request) -> Response:
        """Answer a REST request. As with Betfair, the status tells of an error."""
        caller = _Once(lambda: self.caller(request))
        try:
            await caller.count()
            said = await _read(request)
            name: str = request.path_params["operation"]
            return _json(await self._call(caller, name, said))
        except (ApiError, RpcError) as error:
            return _json(write_rest(error, self._api.family), rest_status(error))

    async def _answer_one(self, caller: "_Once", said: object, method: str | None) -> dict[str, Any]:
        call: Mapping[str, Any] = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        told = {"jsonrpc": "2.0"}
        number = call.get("id", 1)
        try:
            await caller.count()
            if not call:
                raise missing_parameters("a call is an object with the members jsonrpc, method, params and id")
            named = str(call.get("method") or method or "")
            if not named.startswith(self._api.prefix):
                raise no_such_operation(named)
            result = await self._call(caller, named.removeprefix(self._api.prefix), call.get("params") or {})
        except (ApiError, RpcError) as error:
            return {**told, "error": write_rpc(error, self._api.family), "id": number}
        return {**told, "result": result, "id": number}

    async def _call(self, caller: "_Once", name: str, params: object) -> Any:
        operation = self._api.operations.get(name)
        if operation is None:
            raise no_such_operation(name)
        principal = await caller.get()
        if not isinstance(params, dict):
            raise wrong_parameters("params is an object")
        try:
            return await operation.call(self._dialect, principal, cast("dict[str, Any]", params))
        except (NotBooked, StoreUnavailable, KeyReused, Refused) as trouble:
            raise _as_error(trouble) from trouble
        except (ApiError, RpcError):
            raise
        except Exception as broken:
            _log.exception("betfair_operation_broke", operation=name)
            raise ApiError("UNEXPECTED_ERROR", "Something broke on our side; ask what became of it first.") from broken

    async def caller(self, request: Request) -> Principal:
        """Return whose session a request is in, counted. Raises :class:`ApiError`."""
        services = self._dialect.services
        token = request.headers.get(_TOKEN)
        try:
            if not token or not request.headers.get(_APP_KEY):
                services.throttle.check_address(client_address(request.scope))
            if not request.headers.get(_APP_KEY):
                raise ApiError("NO_APP_KEY", "Send the header X-Application; any text will do.")
            if not token:
                raise ApiError("NO_SESSION", "Send the header X-Authentication with the token of a login.")
            if token.startswith(COOKIE_PREFIX):
                raise NotAuthenticated
            return await verify_and_count(services.identity, services.throttle, token, client_address(request.scope))
        except NotAuthenticated as error:
            raise ApiError("INVALID_SESSION_INFORMATION", "The session is unknown or over; log in again.") from error
        except Refused as refused:
            raise ApiError("TOO_MANY_REQUESTS", refused.problem.detail) from refused
        except (StoreUnavailable, IdentityError) as error:
            raise ApiError("SERVICE_BUSY", str(error)) from error


class _Once:
    """Finds out once who calls, however many calls there are."""

    def __init__(self, find: Callable[[], Awaitable[Principal]]) -> None:
        self._find = find
        self._found: Principal | ApiError | None = None

    async def count(self) -> None:
        """Count the request, before its body is read, or the call. Raises :class:`ApiError` if it is one too many.

        What else is wrong with the caller is told by :meth:`get`, behind what is wrong with the body.
        """
        try:
            await self.get()
        except ApiError as error:
            if error.code == "TOO_MANY_REQUESTS":
                raise

    async def get(self) -> Principal:
        """Return who calls. Raises the same :class:`ApiError` each time."""
        if self._found is None:
            try:
                self._found = await self._find()
            except ApiError as error:
                self._found = error
        if isinstance(self._found, ApiError):
            raise self._found
        return self._found


async def _read(request: Request) -> Any:
    """Return the value of a body. Raises :class:`ApiError` if it is too long, else :class:`RpcError`."""
    try:
        return parse_encodable(await LooseRequest(request.scope, request.receive).body())
    except Refused as refused:
        if refused.problem.status == 413:
            raise too_large(refused.problem.detail) from refused
        raise not_json(refused.problem.detail) from refused


def _as_error(trouble: Exception) -> ApiError:
    if isinstance(trouble, Refused):
        return ApiError("INVALID_INPUT_DATA", trouble.problem.detail)
    if isinstance(trouble, KeyReused):
        return ApiError("INVALID_INPUT_DATA", "This customerRef was used within the last minute for something else.")
    if isinstance(trouble, OutcomeUnknown | CommandFailed):
        return ApiError("TIMEOUT_ERROR" if isinstance(trouble, OutcomeUnknown) else "UNEXPECTED_ERROR", str(trouble))
    return ApiError("SERVICE_BUSY", str(trouble))


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def refuse_address(request: Request) -> Response:
    """Answer an address of Betfair's that is not here with 404."""
    request.app.state.services.throttle.check_address(client_address(request.scope))
    raise HTTPException(404)
