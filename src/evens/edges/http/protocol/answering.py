"""Writing answers: from what is presented to an HTTP response."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from evens.edges.http.protocol.idempotency import REPLAYED_HEADER
from evens.edges.http.protocol.presented import Presented
from evens.edges.http.protocol.problem import MEDIA_TYPE

_encode = msgspec.json.Encoder().encode


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that carries a body in JSON."""
    return Response(_encode(body), status, headers, "application/json")


def answer_presented(presented: Presented, *, replayed: bool) -> Response:
    """Return the response to a command, marked if it was given before."""
    media_type = MEDIA_TYPE if presented.is_problem else "application/json"
    return Response(_encode(presented.body), presented.status, mark_replayed(replayed), media_type)


def mark_replayed(replayed: bool) -> dict[str, str] | None:
    """Return the header of an answer that was given before, if it was."""
    return {REPLAYED_HEADER: "true"} if replayed else None
