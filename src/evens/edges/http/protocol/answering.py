"""Writing answers: from a body to an HTTP response."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from evens.edges.http.protocol.idempotency import REPLAYED_HEADER
from evens.edges.http.protocol.problem import MEDIA_TYPE, Problem

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command is answered with, before it is encoded: an HTTP status, and what the body is made of."""

    status: int
    body: Any

    @property
    def is_problem(self) -> bool:
        """Whether the body is a problem document."""
        return self.status >= 400


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that carries a body in JSON."""
    return Response(_encode(body), status, headers, "application/json")


def answer_reply(reply: Reply, *, replayed: bool) -> Response:
    """Return the response to a command, marked if it was given before; a refusal's code goes into the log line."""
    if reply.is_problem:
        bind_contextvars(outcome=reply.body["code"])
    media_type = MEDIA_TYPE if reply.is_problem else "application/json"
    headers = mark_replayed(replayed) or {}
    if reply.status == 503:
        headers["Retry-After"] = "1"
    return Response(_encode(reply.body), reply.status, headers, media_type)


def mark_replayed(replayed: bool) -> dict[str, str] | None:
    """Return the header of an answer that was given before, if it was."""
    return {REPLAYED_HEADER: "true"} if replayed else None


def reply_problem(problem: Problem) -> Reply:
    """Return the reply that carries a problem."""
    return Reply(problem.status, problem.document())
