"""What the house says of itself to everybody, so that a page knows what it can offer before anybody logs in."""

import time
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

import evens
from evens.core.values.moments import format_time
from evens.edges.http.operator.services import AnyVisitor, OperatorServices
from evens.edges.http.operator.shapes import PublicChoices
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.security_headers import OF_KEPT_DATA, OWN_HEADERS
from evens.edges.http.protocol.shapes import Code, Time
from evens.edges.http.protocol.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["System"])

_KEPT: Final = {"Cache-Control": "public, max-age=60"}


@dataclass(frozen=True, slots=True)
class ConfigCurrency:
    """A currency, and how many digits its amounts have behind the point."""

    code: Code
    scale: Annotated[int, Field(examples=[2])]


@dataclass(frozen=True, slots=True)
class Config(PublicChoices):
    """What the house is and offers. ``at`` is when this was said."""

    version: Annotated[str, Field(examples=["0.1.0"])]
    currencies: list[ConfigCurrency]
    at: Time


@router.get("/v1/config", response_model=Config, responses=problems(503))
async def read_config(visitor: AnyVisitor, request: Request) -> Response:
    """Tell everybody what the house is and offers. May be kept for a minute, so `at` is up to that old."""
    choices = visitor.services.choices
    currencies = [ConfigCurrency(each.code, each.scale) for each in visitor.shared.currencies.all()]
    shown = Config(
        choices.name,
        choices.demo,
        choices.currency,
        choices.commission_bps,
        choices.challenge_fee_bps,
        choices.stream,
        choices.features,
        choices.limits,
        evens.__version__,
        currencies,
        format_time(time.time_ns()),
    )
    request.scope[OWN_HEADERS] = OF_KEPT_DATA
    return answer(shown, headers=_KEPT)


ENDPOINTS: Final = Endpoints[OperatorServices](router)
"""No secret is in it: everything here is seen by whoever uses the house."""
