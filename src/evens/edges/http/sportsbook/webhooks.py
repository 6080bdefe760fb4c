"""Where line providers send their messages. Whoever signs them is known by the signature, and by nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from evens.edges.http.protocol.access import Visitor, Visitors
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from evens.edges.http.protocol.strict import SignedRoute
from evens.edges.http.sportsbook.services import SportsbookServices

router = APIRouter(route_class=SignedRoute, tags=["Sportsbook"])

RETRY_AFTER_S: Final = 1


class Intake(Enum):
    """What became of a message."""

    TAKEN = "taken"
    UNSIGNED = "unsigned"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of a message; an invalid one has the ``field`` that is wrong and ``why``."""

    intake: Intake
    field: str = ""
    why: str = ""


class LineIntake(Protocol):
    """Takes signed messages of line providers."""

    async def take(self, headers: Mapping[str, str], body: bytes) -> IntakeResult:
        """Take a message; what it says is durably booked, or was known, when this returns that it is taken.

        Names of headers are in lower case. Raises what the gateway does.
        """
        ...


class NoIntake:
    """Implements :class:`LineIntake` for a house without providers: nobody can have signed anything."""

    async def take(self, headers: Mapping[str, str], body: bytes) -> IntakeResult:
        """Refuse the message."""
        return IntakeResult(Intake.UNSIGNED)


_Provider = Annotated[Visitor[LineIntake], Depends(Visitors[LineIntake](attrgetter("line_intake")))]


@router.post(
    "/v1/sportsbook/webhooks/line", status_code=204, response_class=Response, responses=problems(401, 413, 422, 503)
)
async def take_line_message(provider: _Provider, request: Request) -> Response:
    """Take a message of a line provider, signed as https://www.standardwebhooks.com says.

    204: what it says is booked, or was known, or is about an event that nobody here can bet on. 401: the signature is
    wrong or missing, or older than 5 minutes. 503: not booked yet; send it again.
    """
    result = await provider.services.take(dict(request.headers), await request.body())
    match result.intake:
        case Intake.UNSIGNED:
            detail = "The message needs a valid signature of a line provider, not older than 5 minutes."
            raise Refused(problem(401, "signature_invalid", detail))
        case Intake.INVALID:
            raise refuse_fields((result.field, result.why))
        case Intake.UNAVAILABLE:
            detail = "The message could not be booked yet; send it again in a moment."
            raise Refused(problem(503, "line_unavailable", detail), {"Retry-After": str(RETRY_AFTER_S)})
        case Intake.TAKEN:
            return Response(status_code=204)


ENDPOINTS: Final = Endpoints[SportsbookServices](router, traffic=Traffic.USUAL)
