"""What marks a user: tags, which operators set, and an exclusion, which users set themselves."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from starlette.responses import Response

from evens.core.commands.wallets import ExcludeCustomer, TagCustomer
from evens.core.events.wallets import CustomerTagged
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId
from evens.core.values.moments import format_time
from evens.core.values.public_ids import format_user_id
from evens.core.wallets.reasons import WalletReason
from evens.edges.http.protocol.access import ME, OPERATORS, Caller, refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_forbidden
from evens.edges.http.protocol.receipts import reply_with
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal
from evens.edges.http.protocol.shapes import UserIdentity
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.times import Moment
from evens.edges.http.wallets.services import AnyCaller, BackOfficeCaller, OperatorCaller, WalletServices
from evens.store.wallets.queries import Marks

router = APIRouter(route_class=StrictRoute, tags=["Users"])

TAGS_MAX: Final = 50
TAG_PATTERN: Final = r"^[a-z0-9][a-z0-9:._/@+*-]{0,99}$"


def _check_tag(text: str) -> str:
    if re.fullmatch(TAG_PATTERN, text) is None:
        raise ValueError("must be 1 to 100 small letters, digits and : . _ / @ + * - and begin with a letter or digit")
    return text


Tag = Annotated[
    str,
    AfterValidator(_check_tag),
    Field(examples=["card:5f2c"], json_schema_extra={"pattern": TAG_PATTERN}),
]


class TagsBody(Body):
    """All tags of a user; they take the place of the ones before."""

    model_config = example(tags=["card:5f2c", "household:17"])

    tags: Annotated[list[Tag], Field(max_length=TAGS_MAX)]


class ExclusionBody(Body):
    """Until when one does not want to bet."""

    model_config = example(until="2027-05-20T00:00:00Z")

    until: Annotated[Moment, Field(description="In the future, and not before an end that was chosen already.")]


@dataclass(frozen=True, slots=True)
class Tags:
    """A user's tags, in alphabetical order. Users with one in common belong together."""

    user_id: UserIdentity
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Until when a user has excluded themselves."""

    user_id: UserIdentity
    until: Annotated[
        str | None, Field(description="`null`: they have not, or were let back.", examples=["2027-05-20T00:00:00Z"])
    ]


@router.get("/v1/users/{id}/tags", response_model=Tags, responses=problems(404))
async def read_tags(caller: BackOfficeCaller, id: str) -> Response:
    """Show a user's tags."""
    customer = resolve_customer(caller.principal, id)
    return answer(_present_tags(customer, (await _marks(caller, customer)).tags))


@router.post("/v1/users/{id}/tags", response_model=Tags, responses=problems(404))
async def set_tags(caller: OperatorCaller, id: str, body: TagsBody, key: IdempotencyKey = None) -> Response:
    """Set all tags of a user: of payment sources, of households, whatever shows that users belong together.

    Nobody resolves a challenge of somebody with whom they share a tag.
    """
    command = TagCustomer(resolve_customer(caller.principal, id), tuple(sorted({*body.tags})))
    return await book(caller, command, key)


@router.get("/v1/me/self-exclusion", response_model=Exclusion, responses=problems(404))
async def read_own_exclusion(caller: AnyCaller) -> Response:
    """Show until when you have excluded yourself."""
    return await _read(caller, ME)


@router.get("/v1/users/{id}/self-exclusion", response_model=Exclusion, responses=problems(404))
async def read_exclusion(caller: AnyCaller, id: str) -> Response:
    """Show until when a user has excluded themselves."""
    return await _read(caller, id)


@router.post("/v1/me/self-exclusion", response_model=Exclusion, responses=problems(404, 409))
async def exclude_self(caller: AnyCaller, body: ExclusionBody, key: IdempotencyKey = None) -> Response:
    """Exclude yourself until a moment: your account is frozen, and your open orders and offered challenges lapse.

    Nobody can lift it before; it can only be made longer. Afterwards an operator unfreezes you when you ask.
    """
    return await _exclude(caller, ME, body, key)


@router.post("/v1/users/{id}/self-exclusion", response_model=Exclusion, responses=problems(404, 409))
async def exclude_user(caller: AnyCaller, id: str, body: ExclusionBody, key: IdempotencyKey = None) -> Response:
    """Exclude a user at their wish; operators only, unless it is yourself."""
    return await _exclude(caller, id, body, key)


async def _read(caller: Caller[WalletServices], user_id: str) -> Response:
    customer = resolve_customer(caller.principal, user_id)
    return answer(_present_exclusion(customer, (await _marks(caller, customer)).excluded_until))


async def _exclude(caller: Caller[WalletServices], user_id: str, body: ExclusionBody, key: str | None) -> Response:
    customer = resolve_customer(caller.principal, user_id)
    if customer != caller.principal.customer and caller.principal.role not in OPERATORS:
        raise refuse_forbidden("Only operators can exclude somebody else.")
    await caller.shared.identity.check_reach(caller.principal, customer)
    return await book(caller, ExcludeCustomer(customer, body.until), key)


async def _marks(caller: Caller[WalletServices], customer: CustomerId) -> Marks:
    found = await caller.services.queries.marks(customer)
    if found is None:
        raise refuse_unknown_customer()
    return found


def _present_tags(customer: CustomerId, tags: tuple[str, ...]) -> Tags:
    return Tags(format_user_id(customer), list(tags))


def _present_exclusion(customer: CustomerId, until: int | None) -> Exclusion:
    return Exclusion(format_user_id(customer), None if until is None else format_time(until))


def _tagged(_services: WalletServices, receipt: Receipt) -> Tags:
    (event,) = receipt.events
    assert isinstance(event, CustomerTagged)
    return _present_tags(event.customer, event.tags)


def _excluded(_services: WalletServices, receipt: Receipt) -> Exclusion:
    assert isinstance(receipt.command, ExcludeCustomer)
    return _present_exclusion(receipt.command.customer, receipt.command.until)


def _explain_exclusion(known: Facts, _currencies: Currencies) -> Explanation:
    until = format_time(int(known["until"]))
    return f"This user has excluded themselves until {until}; nobody can lift or shorten that.", {"until": until}


MARK_REFUSALS: Final = (
    Refusal(
        WalletReason.SELF_EXCLUDED,
        409,
        "This user has excluded themselves; nobody can lift or shorten that.",
        explanations={"until": _explain_exclusion},
    ),
    Refusal(WalletReason.EXCLUSION_OVER, 422, "An exclusion must end in the future.", field="until"),
)

ENDPOINTS: Final = Endpoints(
    router, {TagCustomer: reply_with(200, _tagged), ExcludeCustomer: reply_with(200, _excluded)}
)
