"""A client of the HTTP API: idempotency keys for changes, retries when the server is busy, errors as sentences."""

import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import quote

import httpx2

from evens.edges.cli.failures import Failure, Refused, Unavailable
from evens.edges.cli.output import note_change
from evens.edges.cli.server_file import KEY_VARIABLE, Target, find_target
from evens.one_machine import client_options

Document = dict[str, Any]

ME: Final = "me"
"""What stands for the user that the API key acts for."""

PAGE_LIMIT: Final = 200
PAUSES_S: Final = (0.1, 0.3, 0.8, 2.0)
"""How long to wait before each retry."""

_USER_ID: Final = re.compile(r"usr_[0-9]+", re.ASCII)
_RETRY_AFTER_S_MAX: Final = 5.0
_TIMEOUT: Final = httpx2.Timeout(60.0, connect=5.0)
_RETRIED: Final = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
_REPLAYED_HEADER: Final = "Idempotency-Replayed"


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a successful answer, and whether the request had been answered before."""

    document: Document
    replayed: bool


class Api:
    """A connection to a server. Use it in a ``with`` block; it may be shared by threads.

    Every method raises :class:`Refused` with the server's message, or :class:`Unavailable` after all retries: one for
    each of ``pauses_s``.
    """

    def __init__(self, target: Target, *, connections_max: int = 4, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self.url = target.url
        self._pauses_s = pauses_s
        self._http = httpx2.Client(
            base_url=target.url,
            headers={"Authorization": f"Bearer {target.api_key}", "Accept": "application/json"},
            timeout=_TIMEOUT,
            limits=httpx2.Limits(max_connections=connections_max, max_keepalive_connections=connections_max),
            **client_options(target.url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **params: str | int | None) -> Document:
        """Return the document at ``path``; parameters that are ``None`` are left out."""
        document: Document = self._send("GET", path, params=_without_none(params)).json()
        return document

    def items(self, path: str, **params: str | None) -> Iterator[Document]:
        """Yield all items of a list, newest first, reading it page by page."""
        after: str | None = None
        while True:
            page = self.get(path, limit=PAGE_LIMIT, after=after, **params)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def text(self, path: str, **params: str | None) -> Iterator[str]:
        """Yield the text at ``path`` in pieces."""
        try:
            with self._http.stream("GET", path, params=_without_none(params)) as response:
                if response.is_error:
                    response.read()
                    raise _failure(response)
                yield from response.iter_text()
        except httpx2.TransportError as error:
            raise self._unreachable(error, None) from error

    def post(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> Answer:
        """Change something exactly once, whatever the number of retries; members that are ``None`` are left out.

        ``key`` is the Idempotency-Key, by default a new one.
        """
        return self._change("POST", path, key, json=_without_none(body))

    def put(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> Answer:
        """Change what is at ``path``; otherwise like :meth:`post`."""
        return self._change("PUT", path, key, json=_without_none(body))

    def patch(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> Answer:
        """Change some of what is at ``path``; ``None`` is sent along, otherwise like :meth:`post`."""
        return self._change("PATCH", path, key, json=dict(body))

    def delete(self, path: str, *, key: str | None = None, **params: str | None) -> Answer:
        """Cancel what is at ``path``; otherwise like :meth:`post`."""
        return self._change("DELETE", path, key, params=_without_none(params))

    def find_user(self, name: str) -> Document:
        """Return the user with this id or username; ``me`` is the user that the API key acts for.

        What is written like an id is an id, even if it is somebody's name.

        What reads as an id is one, and ``me`` is nobody's name; ``@usr_6`` and ``@me`` are names. Raises
        :class:`Refused` if there is none.
        """
        if name == ME:
            return self._find_me()
        if is_user_id(name):
            return self.get(user_path(name))
        name = name.removeprefix("@")
        unknown = Refused(f"There is no user called {name}.", f"To make one: evens user create {name}")
        try:
            found: list[Document] = self.get("/v1/users", username=name)["items"]
        except Refused as refusal:
            if refusal.code != "validation_failed":
                raise
            # A name of an invalid form cannot be anybody's.
            raise unknown from refusal
        if not found:
            raise unknown
        return found[0]

    def _find_me(self) -> Document:
        me = self.get("/v1/me")
        if me["id"] is None:
            raise Refused("This API key acts for no user.", "Name the user instead of `me`.")
        return me

    def _change(self, method: str, path: str, key: str | None, **request: Any) -> Answer:
        chosen = key if key is not None else f"cli-{uuid.uuid4().hex}"
        response = self._send(method, path, key=chosen, headers={"Idempotency-Key": chosen}, **request)
        note_change()
        return Answer(response.json() if response.content else {}, response.headers.get(_REPLAYED_HEADER) == "true")

    def _send(self, method: str, path: str, *, key: str | None = None, **request: Any) -> httpx2.Response:
        for pause_s in (*self._pauses_s, None):
            try:
                response = self._http.request(method, path, **request)
            except httpx2.TransportError as error:
                if pause_s is None:
                    raise self._unreachable(error, key) from error
                time.sleep(pause_s)
                continue
            if response.status_code in _RETRIED and pause_s is not None:
                time.sleep(max(pause_s, _retry_after_s(response)))
                continue
            if response.is_error:
                raise _failure(response, key)
            return response
        raise AssertionError("the last try returns or raises")

    def _unreachable(self, error: httpx2.TransportError, key: str | None) -> Unavailable:
        if isinstance(error, httpx2.ConnectError) or key is None:
            return Unavailable(f"No server at {self.url} answers.", "Is it running? Start one with: evens serve")
        return Unavailable(f"The connection to {self.url} broke before the answer came.", _retry_advice(key))


def connect(data_dir: Path, url: str | None, *, connections_max: int = 4) -> Api:
    """Open the API of the server at ``url``, else of the one that runs on ``data_dir``. Raises :class:`Failure`."""
    return Api(find_target(data_dir, url), connections_max=connections_max)


def is_user_id(text: str) -> bool:
    """Return whether an argument is written like a user's id, and so never means a name."""
    return _USER_ID.fullmatch(text) is not None


def user_path(user_id: str, *rest: str) -> str:
    """Return the path of a user, or of something below it."""
    return "/".join(("/v1/users", quote(user_id, safe=""), *rest))


def transaction_path(transaction_id: str, *rest: str) -> str:
    """Return the path of a transaction, or of something below it."""
    return "/".join(("/v1/transactions", quote(transaction_id, safe=""), *rest))


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _retry_after_s(response: httpx2.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value), _RETRY_AFTER_S_MAX) if value.isdecimal() else 0.0


def _failure(response: httpx2.Response, key: str | None = None) -> Failure:
    problem = _problem(response)
    detail = str(problem["detail"])
    errors = [error for error in problem.get("errors", ()) if error["message"] not in detail]
    fields = [f"{error['field']} {error['message']}" for error in errors]
    missing = [field for field in fields if field.rstrip(".") not in detail]
    message = f"{detail} ({'; '.join(missing)})" if missing else detail
    if response.is_server_error or response.status_code in _RETRIED:
        return Unavailable(message, _retry_advice(key) if key is not None else None, problem)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return Refused(message, f"Check the API key in {KEY_VARIABLE}.", problem)
    return Refused(message, None, problem)


def _retry_advice(key: str) -> str:
    return f"Run the command again with --key {key} to make sure it is done, and done once."


def _problem(response: httpx2.Response) -> Document:
    """Return the problem document, or make one if the answer came from something else, such as a proxy."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if isinstance(document, dict) and "detail" in document:
        return cast("Document", document)
    detail = f"The answer was {response.status_code} {response.reason_phrase}, without a reason."
    return {"title": response.reason_phrase, "status": response.status_code, "detail": detail, "code": "http_error"}
