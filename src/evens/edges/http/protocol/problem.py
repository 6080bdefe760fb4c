"""Problems: every answer that is not a success, as an RFC 9457 document.

``type`` and ``code`` say the same thing, once as a URI and once as the word that programs compare; ``detail`` tells a
person what to do next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"

ERRORS_MAX: Final = 20
"""Most fields that a problem names: a body full of mistakes must not make a body of errors many times as large."""

_FIELD_CHARS_MAX: Final = 100
_MESSAGE_CHARS_MAX: Final = 500
_DETAIL_CHARS_MAX: Final = 4_000

TITLES: Final[Mapping[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""What statuses mean, in RFC 9110's words; Python's own differ from version to version."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request."""

    field: Annotated[str, Field(examples=["transfers[3].amount"])]
    message: Annotated[str, Field(examples=["has more than 2 fraction digits"])]


@dataclass(frozen=True, slots=True)
class ChangedLeg:
    """A leg of a bet, at the odds of the moment."""

    event_id: Annotated[str, Field(examples=["ann-bo-2026"])]
    market: Annotated[str, Field(examples=["main"])]
    selection: Annotated[str, Field(examples=["home"])]
    odds: Annotated[str, Field(examples=["2.40"])]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request did not do what was asked."""

    type: Annotated[str, Field(description="`code` as a URI.", examples=["urn:evens:problem:insufficient_funds"])]
    title: Annotated[str, Field(description="What the status means.", examples=["Payment Required"])]
    status: Annotated[int, Field(description="The HTTP status.", examples=[402])]
    detail: Annotated[
        str,
        Field(description="What happened and what to do next.", examples=["10.00 USD is needed, 2.50 USD is there."]),
    ]
    code: Annotated[str, Field(description="A stable code for programs.", examples=["insufficient_funds"])]
    errors: Annotated[
        tuple[FieldError, ...],
        Field(description=f"With status 422: what is wrong with which field; the first {ERRORS_MAX}."),
    ] = ()
    currency: Annotated[str | None, Field(description="Of the amounts.")] = None
    needed: Annotated[str | None, Field(description="With `insufficient_funds`: what the move takes.")] = None
    available: Annotated[
        str | None, Field(description="With `insufficient_funds` and `deposit_limit`: what there is.")
    ] = None
    owed: Annotated[str | None, Field(description="With `owes_house`: what is to be repaid first.")] = None
    position: Annotated[int | None, Field(description="In an atomic batch: which item was refused, from 0.")] = None
    limit: Annotated[
        str | None,
        Field(
            description="With `stake_too_small` and `stake_too_large`: the least or the most. With `deposit_limit`: it."
        ),
    ] = None
    until: Annotated[str | None, Field(description="With `self_excluded`: when the exclusion ends.")] = None
    resets_at: Annotated[str | None, Field(description="With `deposit_limit`: when the next period begins.")] = None
    matched: Annotated[
        str | None, Field(description="With `stake_too_small` and `order_not_executable`: what is matched already.")
    ] = None
    order_status: Annotated[
        str | None, Field(description="With `order_not_executable`: `complete`, `cancelled` or `lapsed`.")
    ] = None
    odds_below: Annotated[str | None, Field(description="With `odds_off_ladder`: the next odds below.")] = None
    odds_above: Annotated[str | None, Field(description="With `odds_off_ladder`: the next odds above.")] = None
    market_version: Annotated[
        int | None, Field(description="With `market_version_stale`: the newest version to know of.")
    ] = None
    winners: Annotated[int | None, Field(description="With `winners_wrong`: how many there must be.")] = None
    legs: Annotated[
        list[ChangedLeg] | None,
        Field(description="With `odds_changed`: every leg at the odds that are good for the next attempt."),
    ] = None
    minimum: Annotated[str | None, Field(description="With `stake_limited`: the least stake that is taken.")] = None
    maximum: Annotated[
        str | None, Field(description="With `stake_limited`: the largest stake that would do; zero if none would.")
    ] = None

    def document(self) -> dict[str, Any]:
        """Return the members that say something."""
        members: dict[str, Any] = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            members["errors"] = self.errors
        for name in _FACTS:
            value = getattr(self, name)
            if value is not None:
                members[name] = value
        return members


_FACTS: Final = (
    "currency",
    "needed",
    "available",
    "owed",
    "position",
    "limit",
    "until",
    "resets_at",
    "matched",
    "order_status",
    "odds_below",
    "odds_above",
    "market_version",
    "winners",
    "legs",
    "minimum",
    "maximum",
)
"""What a problem tells if there is anything to tell."""


def problem(status: int, code: str, detail: str, errors: Sequence[FieldError] = (), **facts: Any) -> Problem:
    """Return a problem whose ``type`` and ``title`` follow from its code and status."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    return Problem(
        f"urn:evens:problem:{code}", title, status, _bounded(detail, _DETAIL_CHARS_MAX), code, tuple(errors), **facts
    )


class Refused(HTTPException):
    """Ends a request with a problem. The web framework lets its own exceptions through wherever they are raised."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.status, problem.detail, dict(headers) if headers else None)
        self.problem = problem


def refuse_fields(*errors: tuple[str, str], code: str = "validation_failed") -> Refused:
    """Return the 422 that names these fields, at most :data:`ERRORS_MAX`, each with what is wrong with it."""
    listed = [
        FieldError(_bounded(field, _FIELD_CHARS_MAX), _bounded(message, _MESSAGE_CHARS_MAX))
        for field, message in errors[:ERRORS_MAX]
    ]
    detail = "; ".join(f"{error.field} {error.message}" for error in listed)
    if len(errors) > ERRORS_MAX:
        detail += f"; and {len(errors) - ERRORS_MAX:,} more"
    return Refused(problem(422, code, f"The request cannot be taken: {detail}.", listed))


def refuse_not_found(code: str, detail: str) -> Refused:
    """Return the 404 for something that is not there."""
    return Refused(problem(404, code, detail))


def refuse_forbidden(detail: str) -> Refused:
    """Return the 403 for something that is not the caller's to do."""
    return Refused(problem(403, "forbidden", detail))


def answer_problem(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return the HTTP response that carries the problem."""
    content = msgspec.json.encode(problem.document())
    return Response(content, problem.status, dict(headers) if headers else None, MEDIA_TYPE)


def _bounded(text: str, chars_max: int) -> str:
    """Return the beginning of a text, with halves of surrogate pairs escaped.

    A request can name fields with such halves, which UTF-8 cannot carry, and give them names of any length.
    """
    if len(text) > chars_max:
        text = f"{text[: chars_max - 1]}…"
    return text.encode("utf-8", "backslashreplace").decode()
