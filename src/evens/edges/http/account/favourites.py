"""Favourites: markets, events and pools that one wants to find again."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from evens.core.values.moments import format_datetime
from evens.edges.http.account.services import AccountServices, AnyCaller
from evens.edges.http.protocol.access import own_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem, refuse_not_found
from evens.edges.http.protocol.shapes import Page, Time
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.account.choices import FAVOURITES_MAX, FavouriteKind

router = APIRouter(route_class=StrictRoute, tags=["Account"])

Kind = Annotated[FavouriteKind, Path(description="What it is.")]
ThingId = Annotated[
    str, Path(description="The market's or event's id, or the pool's key.", examples=["mkt_42"], max_length=500)
]


@dataclass(frozen=True, slots=True)
class Favourite:
    """Something that one wants to find again."""

    kind: FavouriteKind
    id: Annotated[str, Field(description="The market's or event's id, or the pool's key.", examples=["mkt_42"])]
    title: Annotated[str, Field(examples=["Match odds"])]
    within: Annotated[str | None, Field(description="The contest or competition it is part of.", examples=["Ann v Bo"])]
    since: Time


@router.get("/v1/me/favourites", response_model=Page[Favourite], responses=problems(404))
async def list_favourites(caller: AnyCaller) -> Response:
    """List your favourites, the latest first. The list is always whole."""
    rows = await caller.services.choices.favourites(own_customer(caller.principal))
    shown = [Favourite(row.kind, row.public_id, row.title, row.within, format_datetime(row.since)) for row in rows]
    return answer(Page(shown))


@router.put("/v1/me/favourites/{kind}/{id:path}", status_code=204, responses=problems(404, 409))
async def add_favourite(caller: AnyCaller, kind: Kind, id: ThingId) -> Response:
    """Make something a favourite of yours; to do it again changes nothing."""
    customer, choices = own_customer(caller.principal), caller.services.choices
    thing = await choices.find(kind, id)
    if thing is None:
        raise refuse_not_found(f"{kind}_unknown", f"There is no such {kind}; check the id.")
    if not await choices.add(customer, kind, thing):
        detail = f"You have {FAVOURITES_MAX} favourites, and can have no more; remove one first."
        raise Refused(problem(409, "too_many_favourites", detail))
    return Response(status_code=204)


@router.delete("/v1/me/favourites/{kind}/{id:path}", status_code=204, responses=problems(404))
async def remove_favourite(caller: AnyCaller, kind: Kind, id: ThingId) -> Response:
    """Make something no favourite of yours, if it is one."""
    customer, choices = own_customer(caller.principal), caller.services.choices
    thing = await choices.find(kind, id)
    if thing is not None:
        await choices.remove(customer, kind, thing)
    return Response(status_code=204)


ENDPOINTS: Final = Endpoints[AccountServices](router)
