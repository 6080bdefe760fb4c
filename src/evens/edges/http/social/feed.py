"""The feed: what people who show everything and are listed have won, for everybody to see."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.values.records import big_win_minor
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode
from evens.edges.http.social.presenting import present_big_win, present_won_challenge
from evens.edges.http.social.services import AnyVisitor, SocialServices
from evens.edges.http.social.shapes import FeedItem
from evens.store.social.feed import BigWinRow, WonChallengeRow

router = APIRouter(route_class=StrictRoute, tags=["Social"])


@router.get("/v1/feed", response_model=Page[FeedItem])
async def read_feed(
    visitor: AnyVisitor, page: AnyPage, currency: Annotated[CurrencyCode | None, Query()] = None
) -> Response:
    """List big wins, and public challenges that were settled, newest first.

    Only people who show everything and are listed are told of, of a challenge only if both are. A win is big if it is
    five times what was staked and at least ten units of the currency.
    """
    wanted, before = read_currency(visitor.shared, currency), page.before_place
    services = visitor.services

    def present(row: BigWinRow | WonChallengeRow) -> FeedItem:
        if isinstance(row, BigWinRow):
            return present_big_win(row, wanted)
        return present_won_challenge(row, services.challenge_token(row.challenge), wanted)

    async def make() -> bytes:
        rows = await services.feed.newest(
            wanted.number, big_win_minor(wanted.scale), before=before, limit=page.limit + 1
        )
        return msgspec.json.encode(page_of(rows, page, lambda row: row.place, present))

    content = await services.pages.get(("feed", wanted.number, before, page.limit), make)
    return Response(content, 200, media_type="application/json")


ENDPOINTS: Final[Endpoints[SocialServices]] = Endpoints(router)
