"""Profiles: what users show of themselves, with records that follow from what was settled."""

import time
from dataclasses import replace
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, Field
from starlette.responses import Response

from evens.core.values.moments import format_time
from evens.core.values.money import Currency
from evens.core.values.records import RecordPeriod, RecordProduct, day_number
from evens.edges.http.protocol.access import OPERATORS, own_customer
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode, Text
from evens.edges.http.social.following_bodies import FeeText
from evens.edges.http.social.presenting import (
    PRODUCTS,
    chosen,
    present_choice,
    present_equity,
    present_recent,
    present_record,
)
from evens.edges.http.social.services import AnyCaller, AnyGuest, ProfileAsked, SeenProfile, SocialServices
from evens.edges.http.social.shapes import ProductName, Profile, ProfileChoice
from evens.identity.principal import Principal
from evens.store.social.queries import Asking, Contents, ProfileRow, SocialQueries, Visibility, read_contents

router = APIRouter(route_class=StrictRoute, tags=["Social"])

DISPLAY_NAME_MAX: Final = 40
BIO_MAX: Final = 280
EQUITY_DAYS: Final = 366
"""How many of the latest days with something settled an equity curve has."""

RECENT: Final = 20
"""How many of the things that were settled last are shown."""


def _no_longer_than(most: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"must have at most {most} characters")
        return text

    return AfterValidator(check)


DisplayName = Annotated[Text, _no_longer_than(DISPLAY_NAME_MAX)]
Bio = Annotated[Text, _no_longer_than(BIO_MAX)]


_COLUMNS: Final = {"performance_fee": "performance_fee_bps"}
"""What is kept under another name than it is given."""


class ProfileBody(Body):
    """What to change of one's own profile; what is left out stays. ``null`` takes a name or a text away."""

    model_config = example(display_name="Ada L.", visibility="public", copyable=True)

    display_name: Annotated[DisplayName | None, Field(description=f"At most {DISPLAY_NAME_MAX} characters.")] = None
    bio: Annotated[Bio | None, Field(description=f"At most {BIO_MAX} characters.")] = None
    visibility: Annotated[
        Visibility | None,
        Field(
            strict=False,
            description="`public`: everything, and the feed if listed. `figures`: no single bets. `private`: nothing, "
            "nor the leaderboard.",
        ),
    ] = None
    listed: Annotated[
        bool | None, Field(description="Whether to be on the leaderboard and, if public, in the feed.")
    ] = None
    copyable: Annotated[bool | None, Field(description="Whether others may copy your bets.")] = None
    performance_fee: Annotated[
        FeeText | None,
        Field(
            description="The share of the net profit, before commission, that you take of whoever follows you from now "
            "on; who follows already keeps theirs."
        ),
    ] = None


@router.get("/v1/profiles/{username}", response_model=Profile, responses=problems(401, 404))
async def read_profile(
    guest: AnyGuest,
    username: Annotated[str, Path(max_length=64, description="Whose, in any case.", examples=["ada"])],
    currency: Annotated[CurrencyCode | None, Query()] = None,
    product: Annotated[ProductName, Query(description="Whose equity curve is shown.")] = "all",
) -> Response:
    """Show a user as others see them: records by product and period, the equity curve, and what was settled last.

    A private profile is shown to its owner and to operators alone.
    """
    wanted, services, principal = read_currency(guest.shared, currency), guest.services, guest.principal
    asking = Asking(None, principal is not None and principal.role in OPERATORS)
    asked = ProfileAsked(username, asking, PRODUCTS[product], wanted.number, day_number(time.time_ns()))
    seen = await services.profiles.get(asked, lambda: _seen(services.reads, asked, wanted))
    customer = None if principal is None else principal.customer
    if seen is None or customer == seen.customer:
        # The owner sees more than others do, and at once; and whoever has just registered is there.
        seen = await _seen(services.reads, replace(asked, asking=Asking(customer, asking.is_operator)), wanted)
    if seen is None or seen.content is None:
        raise refuse_not_found("profile_unknown", "There is no such profile, or its owner keeps it to themselves.")
    return Response(seen.content, 200, media_type="application/json")


async def _seen(reads: SocialQueries, asked: ProfileAsked, currency: Currency) -> SeenProfile | None:
    """Return what somebody sees of a profile in a currency; ``None`` if nobody has the username."""
    record = asked.product, asked.currency_number, asked.day
    found = await reads.shown(asked.username, asked.asking, record, (EQUITY_DAYS, RECENT))
    if found is None:
        return None
    row, contents = found
    if contents is None:
        return SeenProfile(row.customer, None)
    shown = _profile(row, read_contents(contents), currency, asked.product)
    return SeenProfile(row.customer, msgspec.json.encode(shown))


@router.get("/v1/me/profile", response_model=ProfileChoice, responses=problems(404))
async def read_own_profile(caller: AnyCaller) -> Response:
    """Show what you chose to show of yourself."""
    return answer(present_choice(await _own(caller.services.reads, caller.principal)))


@router.patch("/v1/me/profile", response_model=ProfileChoice, responses=problems(404))
async def change_own_profile(caller: AnyCaller, body: ProfileBody) -> Response:
    """Choose what to show of yourself. Doing it again changes nothing."""
    before = await _own(caller.services.reads, caller.principal)
    given = {name: getattr(body, name) for name in body.model_fields_set}
    changed = {
        _COLUMNS.get(name, name): value
        for name, value in given.items()
        if value is not None or name in {"display_name", "bio"}
    }
    after = replace(before, **changed)
    await caller.services.reads.choose(after)
    caller.services.profiles.forget(lambda asked: asked.username.lower() == before.username.lower())
    return answer(present_choice(after))


async def _own(reads: SocialQueries, principal: Principal) -> ProfileRow:
    found = await reads.own_profile(own_customer(principal))
    if found is None:
        raise refuse_not_found("customer_unknown", "There is no such user; check the id.")
    return found


def _profile(row: ProfileRow, shown: Contents, currency: Currency, product: RecordProduct) -> Profile:
    total_minor = sum(
        [
            each.figures.profit_minor
            for each in shown.records
            if (each.product, each.period) == (product, RecordPeriod.ALL_TIME)
        ]
    )
    return Profile(
        *chosen(row),
        currency=currency.code,
        as_of=format_time(shown.known_up_to),
        records=[present_record(each, currency) for each in shown.records],
        equity=present_equity(shown.days, total_minor, currency),
        recent=None if shown.recent is None else [present_recent(each, currency) for each in shown.recent],
    )


ENDPOINTS: Final[Endpoints[SocialServices]] = Endpoints(router, traffic=Traffic.HOT)
