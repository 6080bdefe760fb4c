"""How one's own pages are shown: kept by the server, so that they are the same in every browser."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from evens.edges.http.account.services import AccountServices, AnyCaller
from evens.edges.http.protocol.access import Caller, own_customer
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, refuse_fields
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import AmountText

router = APIRouter(route_class=StrictRoute, tags=["Account"])

PRESETS_MAX: Final = 8
CURRENCIES_MAX: Final = 50

Code = Annotated[str, Field(min_length=1, max_length=12)]
Presets = Annotated[list[AmountText], Field(max_length=PRESETS_MAX)]


class OneClick(Body):
    """Betting with one click, without a slip."""

    enabled: Annotated[bool, Field(description="Whether a click on odds bets at once.")] = False
    stakes: Annotated[
        dict[Code, AmountText],
        Field(description="What one click stakes, by currency.", max_length=CURRENCIES_MAX),
    ] = Field(default_factory=dict[str, str])


class Preferences(Body):
    """How one's own pages are shown. Odds are always sent in decimals, however they are shown."""

    model_config = example(odds_format="fractional", theme="dark", presets={"USD": ["5.00", "20.00", "100.00"]})

    odds_format: Literal["decimal", "fractional", "american", "percent"] = "decimal"
    theme: Literal["system", "light", "dark"] = "system"
    presets: Annotated[
        dict[Code, Presets],
        Field(description="Stakes to choose from, by currency.", max_length=CURRENCIES_MAX),
    ] = Field(default_factory=dict[str, list[str]])
    one_click: OneClick = OneClick()
    confirm_bets: Annotated[bool, Field(description="Whether the slip asks once more before a bet.")] = True


@router.get("/v1/me/preferences", response_model=Preferences, responses=problems(404))
async def read_preferences(caller: AnyCaller) -> Response:
    """Show how your own pages are shown; what you never chose is as for everybody."""
    chosen = await caller.services.choices.preferences(own_customer(caller.principal))
    kept = Preferences() if chosen is None else Preferences.model_validate_json(chosen)
    return answer(kept.model_dump(mode="json"))


@router.put("/v1/me/preferences", response_model=Preferences, responses=problems(404))
async def set_preferences(caller: AnyCaller, body: Preferences) -> Response:
    """Choose how your own pages are shown. What is left out is as for everybody again."""
    customer = own_customer(caller.principal)
    _check(caller, body)
    await caller.services.choices.prefer(customer, body.model_dump_json())
    return answer(body.model_dump(mode="json"))


def _check(caller: Caller[AccountServices], body: Preferences) -> None:
    """Raise a 422 unless every amount is one in its currency, and one click has a stake."""
    named = [
        (f"presets.{code}[{place}]", code, text)
        for code, all_of in body.presets.items()
        for place, text in enumerate(all_of)
    ]
    named += [(f"one_click.stakes.{code}", code, text) for code, text in body.one_click.stakes.items()]
    errors: list[tuple[str, str]] = []
    for field, code, text in named:
        try:
            read_amount(text, read_currency(caller.shared, code), field)
        except Refused as refused:
            errors += [(field, each.message) for each in refused.problem.errors]
    if body.one_click.enabled and not body.one_click.stakes:
        errors.append(("one_click.stakes", "is required: a click must know what to stake"))
    if errors:
        raise refuse_fields(*errors)


ENDPOINTS: Final = Endpoints[AccountServices](router)
