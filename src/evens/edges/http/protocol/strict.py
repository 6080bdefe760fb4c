"""Reading requests strictly: bodies in JSON, of a bounded size and unambiguous; no parameter that would be ignored."""

from collections.abc import Callable, Coroutine, Set
from typing import Any, ClassVar, Final

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from evens.edges.http.protocol.inflating import InflatedTooLong, check_encoding, inflate
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from evens.edges.http.protocol.strict_json import parse_json

BODY_BYTES_MAX: Final = 64 * 1024
BATCH_BYTES_MAX: Final = 1024 * 1024
SIGNED_BYTES_MAX: Final = 8 * 1024 * 1024
"""A provider's message carries an event as a whole: one of 40,000 selections is as long as 5 MiB."""

_JSON: Final = "application/json"
_UTF_8: Final = "utf-8"
_NUL: Final = "\0"


class StrictRequest(Request):
    """A request whose body is refused as soon as it is too long, not JSON, or ambiguous.

    It may be compressed; ``body_bytes_max`` is the most before and after.
    """

    body_bytes_max = BODY_BYTES_MAX

    async def body(self) -> bytes:
        """Return the whole body, inflated. Raises :class:`Refused` with 400, 413 or 415."""
        if not hasattr(self, "_body"):
            self._body = await self._read()
        return self._body

    async def json(self) -> Any:
        """Return the body's value. Raises what :func:`parse_json` raises."""
        return parse_json(await self.body())

    def check_media_type(self, value: str) -> None:
        """Raise :class:`Refused` with 415 unless the body is said to be JSON."""
        _check_media_type(value)

    async def _read(self) -> bytes:
        # The frame has seen to it that none of these is there twice.
        headers: dict[bytes, bytes] = dict(self.scope["headers"])
        encoding = check_encoding(headers.get(b"content-encoding", b"").decode("latin-1"))
        announced = headers.get(b"content-length", b"")
        if announced.isdigit() and int(announced) > self.body_bytes_max:
            raise _too_long(self.body_bytes_max)
        chunks: list[bytes] = []
        length = 0
        async for chunk in self.stream():
            length += len(chunk)
            if length > self.body_bytes_max:
                raise _too_long(self.body_bytes_max)
            chunks.append(chunk)
        if length:
            self.check_media_type(headers.get(b"content-type", b"").decode("latin-1"))
        content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return self._inflate(content, encoding) if encoding and content else content

    def _inflate(self, content: bytes, encoding: str) -> bytes:
        try:
            return inflate(content, encoding, self.body_bytes_max)
        except InflatedTooLong as error:
            raise _too_long(self.body_bytes_max) from error


class BatchRequest(StrictRequest):
    """A request that may carry many items."""

    body_bytes_max = BATCH_BYTES_MAX


class SignedRequest(StrictRequest):
    """A request whose body is bytes that somebody signed, whatever they are."""

    body_bytes_max = SIGNED_BYTES_MAX

    def check_media_type(self, value: str) -> None:
        """Take every kind of body."""


class StrictRoute(APIRoute):
    """A route that reads its body as a :class:`StrictRequest`, and refuses query parameters that it does not know.

    Its operation id is its function's name. Its function returns a :class:`Response`; ``response_model`` only says what
    is in it, for the document.
    """

    request_class: ClassVar[type[StrictRequest]] = StrictRequest

    def __init__(self, path: str, endpoint: Callable[..., Any], *, response_model: Any = None, **options: Any) -> None:
        options["generate_unique_id_function"] = _name_operation
        self._answers_with = None if isinstance(response_model, DefaultPlaceholder) else response_model
        super().__init__(path, endpoint, response_model=None, **options)
        self._begins = self.path_format.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this route.

        Nearly every route that is looked at is not the one, and most show so by how the path begins. The routes are
        the application's own, never a router's that it includes, so their paths are whole.
        """
        if not scope["path"].startswith(self._begins) and not scope.get("root_path"):
            return Match.NONE, {}
        return super().matches(scope)

    def describe_answer(self) -> None:
        """Make the schema of what is answered. Only the document needs it, and making all of them delays a start."""
        if self._answers_with is not None and self.response_field is None:
            self.response_model = self._answers_with
            name = f"Response_{self.unique_id}"
            self.response_field = create_model_field(name, self._answers_with, mode="serialization")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, fed with the stricter request."""
        handle = super().get_route_handler()
        request_class = self.request_class
        known = {field.alias for field in get_flat_params(self.dependant) if isinstance(field.field_info, Query)}

        async def handle_strictly(request: Request) -> Response:
            if _NUL in request.scope["path"]:
                # No text in the database can have it, so nothing is there by such a name.
                raise HTTPException(404)
            if request.scope["query_string"]:
                _check_query(request.query_params, known)
            return await handle(request_class(request.scope, request.receive))

        return handle_strictly


class BatchRoute(StrictRoute):
    """The same for a body with many items."""

    request_class = BatchRequest


class SignedRoute(StrictRoute):
    """The same for bytes that somebody signed."""

    request_class = SignedRequest


def _name_operation(route: APIRoute) -> str:
    return route.name


def _check_query(given: QueryParams, known: Set[str]) -> None:
    """Raise a 422 for a parameter that would be ignored or that no text can be, such as a filter spelt wrong."""
    names = [name for name, _ in given.multi_items()]
    errors = [(name, "is not a parameter of this request") for name in dict.fromkeys(names) if name not in known]
    errors += [(name, "is given more than once") for name in sorted(known) if names.count(name) > 1]
    errors += [(name, "must not contain the character NUL") for name, value in given.multi_items() if _NUL in value]
    if errors:
        raise refuse_fields(*errors)


def _check_media_type(value: str) -> None:
    if value == _JSON:
        return
    media_type, _, parameters = value.lower().partition(";")
    media_type = media_type.strip()
    if media_type != _JSON and not (media_type.startswith("application/") and media_type.endswith("+json")):
        raise Refused(
            problem(415, "unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`.")
        )
    for parameter in parameters.split(";"):
        name, _, charset = parameter.strip().partition("=")
        # Whoever writes in another one means other letters than those that would be read.
        if name.strip() == "charset" and charset.strip().strip('"') != _UTF_8:
            raise Refused(
                problem(415, "unsupported_media_type", "Send the body in UTF-8; name that charset, or leave it out.")
            )


def _too_long(bytes_max: int) -> Refused:
    return Refused(problem(413, "body_too_large", f"The body is too long; at most {bytes_max // 1024} KiB are read."))
