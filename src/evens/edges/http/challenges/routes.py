"""Challenges: two users bet each other, by a link that one sends the other."""

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator
from starlette.responses import Response

from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    OfferChallenge,
    ResolveChallenge,
    RuleChallenge,
)
from evens.core.values.betting import Outcome
from evens.core.values.ids import ChallengeId, CustomerId, MarketId, RunnerId
from evens.core.values.public_ids import parse_runner_id, parse_user_id
from evens.edges.http.challenges.bodies import ActingBody, ChallengeBody, ResolveBody, RuleBody
from evens.edges.http.challenges.receipts import refuse_unknown_challenge
from evens.edges.http.challenges.services import (
    AnyCaller,
    AnyGuest,
    AnyVisitor,
    ChallengeServices,
    OperatorCaller,
    reply,
)
from evens.edges.http.challenges.shapes import Challenge, OutcomeName
from evens.edges.http.exchange.known_markets import NO_RUNNER
from evens.edges.http.protocol.access import (
    ME,
    OPERATORS,
    Caller,
    UserFilter,
    check_role,
    resolve_bettor,
    resolve_customer,
)
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.betting import SIDES
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey, command_id
from evens.edges.http.protocol.names import strip_mark
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import SearchWords
from evens.identity.errors import NotAuthenticated

router = APIRouter(route_class=StrictRoute, tags=["Challenges"])

NO_RESOLVER: Final = CustomerId(0)
"""Stands for a resolver that there is not, so that the refusal is recorded like any other."""

_OUTCOMES: Final[Mapping[OutcomeName, Outcome]] = {"won": Outcome.WON, "lost": Outcome.LOST, "void": Outcome.VOID}
_CHANGED: Final = problems(404, 409)


def _read_flag(value: Any) -> Any:
    """Refuse whatever else pydantic would take for true or false."""
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("must be true or false")
    return value


Flag = Annotated[bool, BeforeValidator(_read_flag)]
Token = Annotated[
    str,
    Path(
        description="What opens the challenge: the end of its link.",
        examples=["42-mfrggzdfmztwq2lknnwg23tp"],
        json_schema_extra={"pattern": r"^[1-9][0-9]{0,14}-[a-z2-7]{24}$"},
    ),
]


@router.post("/v1/challenges", status_code=201, response_model=Challenge, responses=problems(402, 404, 409))
async def offer_challenge(caller: AnyCaller, body: ChallengeBody, key: IdempotencyKey = None) -> Response:
    """Offer a bet. What you can lose is set aside at once, and is yours again if nobody accepts in time.

    On a market's runner, in time is also before the market turns in-play. A resolver must belong to neither side; if
    nobody has said until `resolve_by` how it ended, both have their stakes back.
    """
    currency, settings = read_currency(caller.shared, body.currency), caller.services.settings
    market, runner = await _find_runner(caller, body)
    customer = resolve_bettor(caller.principal, body.user_id)
    resolver = await _find_resolver(caller, body.resolver, key)
    command = OfferChallenge(
        customer=customer,
        title=body.title,
        side=SIDES[body.side],
        odds=body.odds,
        stake_minor=read_amount(body.stake, currency, "stake"),
        currency=currency.code,
        expires_at=body.expires_at,
        public=body.public,
        market=market,
        runner=runner,
        resolver=resolver,
        fee_bps=settings.fee_bps,
        dispute_window_ms=settings.dispute_window_ms,
        resolve_within_ms=settings.resolve_within_ms,
        challenges_max=settings.challenges_max,
        related=resolver is not None and await caller.services.customers.share_destination(resolver, [customer]),
    )
    return await book(caller, command, key)


@router.get("/v1/challenges", response_model=Page[Challenge], responses=problems(401, 403, 404))
async def list_challenges(
    guest: AnyGuest,
    page: AnyPage,
    public: Annotated[Flag, Query(description="Those that everybody can accept now.")] = False,
    disputed: Annotated[Flag, Query(description="For operators: those that wait for their word.")] = False,
    user_id: UserFilter = None,
    q: SearchWords = None,
) -> Response:
    """List challenges, newest first: a user's own (offered, accepted or to be resolved), public or disputed ones.

    Public ones are shown to everybody, and their titles are searched; the others take a login.
    """
    if public + disputed + (user_id is not None) > 1:
        raise refuse_fields(("public", "cannot be combined with disputed or user_id, nor these with each other"))
    if q is not None and not public:
        raise refuse_fields(("q", "searches public challenges: it takes public=true"))
    challenges, before, limit = guest.services.queries, page.before_id, page.limit + 1
    if public:
        rows = await challenges.public(time.time_ns(), q, before=before, limit=limit)
    elif guest.principal is None:
        raise NotAuthenticated
    elif disputed:
        check_role(guest.principal, OPERATORS)
        rows = await challenges.disputed(before=before, limit=limit)
    else:
        customer = resolve_customer(guest.principal, user_id or ME)
        rows = await challenges.customers_own(customer, before=before, limit=limit)
    present = guest.services.presenter.present
    shown = {row.id: await present(row) for row in rows[: page.limit]}
    return answer(page_of(rows, page, lambda row: row.id, lambda row: shown[row.id]))


@router.get("/v1/challenges/{token}", response_model=Challenge, responses=problems(404, 422, 503))
async def read_challenge(visitor: AnyVisitor, token: Token) -> Response:
    """Show a challenge to whoever has the link; it takes no login."""
    row = await visitor.services.queries.challenge(_find(visitor.services, token))
    if row is None:
        raise refuse_unknown_challenge()
    return answer(await visitor.services.presenter.present(row))


@router.post("/v1/challenges/{token}/accept", response_model=Challenge, responses=problems(402, 404, 409))
async def accept_challenge(
    caller: AnyCaller, token: Token, body: ActingBody | None = None, key: IdempotencyKey = None
) -> Response:
    """Take the other side. What you can lose is set aside; of all who try, the first has the bet."""
    challenge, customer = _find(caller.services, token), resolve_bettor(caller.principal, body and body.user_id)
    related = await _is_related(caller.services, challenge, customer)
    command = AcceptChallenge(challenge, customer, caller.services.settings.challenges_max, related)
    return await book(caller, command, key)


@router.post("/v1/challenges/{token}/cancel", response_model=Challenge, responses=_CHANGED)
async def cancel_challenge(
    caller: AnyCaller, token: Token, body: ActingBody | None = None, key: IdempotencyKey = None
) -> Response:
    """Take back a challenge that nobody has accepted."""
    command = CancelChallenge(_find(caller.services, token), resolve_bettor(caller.principal, body and body.user_id))
    return await book(caller, command, key)


@router.post("/v1/challenges/{token}/resolve", response_model=Challenge, responses=_CHANGED)
async def resolve_challenge(caller: AnyCaller, token: Token, body: ResolveBody, key: IdempotencyKey = None) -> Response:
    """Say, as the resolver, how it ended. It is paid unless one of the two disputes it in time."""
    challenge, customer = _find(caller.services, token), resolve_bettor(caller.principal, body.user_id)
    related = await _is_related(caller.services, challenge)
    command = ResolveChallenge(challenge, customer, _OUTCOMES[body.outcome], related)
    return await book(caller, command, key)


@router.post("/v1/challenges/{token}/dispute", response_model=Challenge, responses=_CHANGED)
async def dispute_challenge(
    caller: AnyCaller, token: Token, body: ActingBody | None = None, key: IdempotencyKey = None
) -> Response:
    """Contest, as one of the two, what the resolver said. Nothing is paid until an operator decides."""
    command = DisputeChallenge(_find(caller.services, token), resolve_bettor(caller.principal, body and body.user_id))
    return await book(caller, command, key)


@router.post("/v1/challenges/{token}/rule", response_model=Challenge, responses=_CHANGED)
async def rule_challenge(caller: OperatorCaller, token: Token, body: RuleBody, key: IdempotencyKey = None) -> Response:
    """Say how a challenge with a resolver ended, whatever the resolver said. It is the last word, and paid at once."""
    return await book(caller, await read_ruling(caller, token, body), key)


async def read_ruling(caller: Caller[ChallengeServices], id: str, body: RuleBody) -> RuleChallenge:
    """Return the operator's word on a challenge, which its link's token names. Raises a 404 for none of ours."""
    return RuleChallenge(_find(caller.services, id), _OUTCOMES[body.outcome])


def _find(services: ChallengeServices, token: str) -> ChallengeId:
    """Return the challenge that a token opens. Raises a 404 for one that is none of ours."""
    challenge = services.links.read(token)
    if challenge is None:
        raise refuse_unknown_challenge()
    return challenge


async def _is_related(services: ChallengeServices, challenge: ChallengeId, acceptor: CustomerId | None = None) -> bool:
    """Return whether a challenge's resolver was paid out to where one of the two was; ``acceptor`` is to be one."""
    row = await services.queries.challenge(challenge)
    if row is None or row.terms.resolver is None:
        return False
    two = [party for party in (row.terms.customer, acceptor or row.acceptor) if party is not None]
    return await services.customers.share_destination(row.terms.resolver, two)


async def _find_runner(
    caller: Caller[ChallengeServices], body: ChallengeBody
) -> tuple[MarketId | None, RunnerId | None]:
    """Return what decides, if not a resolver. Raises a 422 unless exactly one of the two does."""
    if body.market_id is None:
        if body.runner_id is not None:
            raise refuse_fields(("market_id", "is required with runner_id"))
        if body.resolver is None:
            raise refuse_fields(("resolver", "is required, or market_id and runner_id"))
        return None, None
    if body.resolver is not None:
        raise refuse_fields(("resolver", "cannot be given together with market_id"))
    if body.runner_id is None:
        raise refuse_fields(("runner_id", "is required with market_id"))
    return (await caller.services.markets.require(body.market_id)).id, parse_runner_id(body.runner_id) or NO_RUNNER


async def _find_resolver(caller: Caller[ChallengeServices], named: str | None, key: str | None) -> CustomerId | None:
    """Return who is meant by an id or a username; as of the first answer under this key, if there is one."""
    if named is None:
        return None
    resolver = parse_user_id(named)
    if resolver is None:
        repeated = None if key is None else command_id(caller.principal.scope, key)
        name = strip_mark(named)
        resolver = (await caller.services.customers.customer_ids([name], repeated)).get(name.lower(), NO_RESOLVER)
    return resolver


ENDPOINTS: Final = Endpoints(
    router,
    dict.fromkeys(
        (OfferChallenge, AcceptChallenge, CancelChallenge, ResolveChallenge, DisputeChallenge, RuleChallenge), reply
    ),
    Traffic.BUSY,
)
