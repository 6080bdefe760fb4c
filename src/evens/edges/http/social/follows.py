"""Following: copying what a leader bets, within limits of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from evens.core.commands.every import Command
from evens.core.commands.following import ChangeFollow, EndFollow, FollowLeader, PauseFollow, ResumeFollow
from evens.core.events.following import FollowChanged, FollowStarted, FollowStatusChanged
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.values.following import MARKETS_MAX, FollowMode, FollowStatus, FollowTerms, format_fee
from evens.core.values.ids import CustomerId, FollowId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency
from evens.core.values.public_ids import parse_follow_id, parse_market_id, parse_user_id
from evens.core.values.records import RecordProduct
from evens.edges.http.protocol.access import OPERATORS, Caller, own_customer
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import Reply, answer, reply_problem
from evens.edges.http.protocol.booking import book, book_made
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.names import strip_mark
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_forbidden, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.social.following_bodies import CopiedProductName, FollowBody, FollowChangeBody
from evens.edges.http.social.following_presenting import COPIED, MODES, present_copy, present_follow
from evens.edges.http.social.following_shapes import Copy, Follow, Follower, Followers
from evens.edges.http.social.services import AnyCaller, SocialServices
from evens.store.following.queries import FollowerRow, FollowRow
from evens.store.social.queries import Visibility

router = APIRouter(route_class=StrictRoute, tags=["Social"])

FollowPath = Annotated[str, Path(description="A follow's id.", examples=["fol_42"])]


@router.post("/v1/follows", status_code=201, response_model=Follow, responses=problems(403, 404, 409))
async def follow_leader(caller: AnyCaller, body: FollowBody, key: IdempotencyKey = None) -> Response:
    """Copy from now on what a leader bets, if they let others copy.

    On the exchange each match of theirs is copied by an order that takes what there is within the slippage at once.
    What your limits, your balance or the market do not allow is skipped, and the copies tell why. If the leader takes a
    performance fee, `performance_fee` has to be the one that their profile shows; a later change of it does not concern
    this follow.
    """
    customer, currency = _own_follower(caller), read_currency(caller.shared, body.currency)
    terms = _read_terms(body, currency)

    async def make() -> Command:
        leader = await _find_leader(caller.services, body.leader, body.performance_fee)
        markets = await _find_markets(caller.services, body.markets)
        return FollowLeader(customer, leader, currency.code, replace(terms, markets=markets), body.performance_fee)

    return await book_made(caller, ("follow", currency.code, body), make, key)


@router.get("/v1/follows", response_model=Page[Follow], responses=problems(404))
async def list_follows(caller: AnyCaller, page: AnyPage) -> Response:
    """List whom you follow and followed, newest first."""
    customer = own_customer(caller.principal)
    rows = await caller.services.follows.customers_own(customer, before=page.before_id, limit=page.limit + 1)
    names = await caller.services.follows.place_names(place for row in rows for place in row.terms.markets)
    return answer(page_of(rows, page, lambda row: row.id, lambda row: _present(caller.services, row, names)))


@router.get("/v1/follows/{id}", response_model=Follow, responses=problems(404))
async def read_follow(caller: AnyCaller, id: FollowPath) -> Response:
    """Show a follow of yours, with what is used of its limits."""
    row = await _find(caller, id)
    return answer(_present(caller.services, row, await caller.services.follows.place_names(row.terms.markets)))


@router.patch("/v1/follows/{id}", response_model=Follow, responses=problems(403, 404, 409))
async def change_follow(
    caller: AnyCaller, id: FollowPath, body: FollowChangeBody, key: IdempotencyKey = None
) -> Response:
    """Change limits. What was used of the allocation and of the day's cap stays used."""

    async def make() -> Command:
        row = await _find(caller, id)
        currency = caller.services.currencies.by_number(row.currency_number)
        changes = _read_changes(row.terms, body, currency)
        if body.markets is not None:
            changes["markets"] = await _find_markets(caller.services, body.markets)
        terms = replace(row.terms, **changes)
        return ChangeFollow(own_customer(caller.principal), row.id, terms, tuple(sorted(changes)))

    return await book_made(caller, ("change follow", id, body, sorted(body.model_fields_set)), make, key)


@router.post("/v1/follows/{id}/pause", response_model=Follow, responses=problems(404, 409))
async def pause_follow(caller: AnyCaller, id: FollowPath, key: IdempotencyKey = None) -> Response:
    """Copy nothing until you resume it."""
    return await book(caller, PauseFollow(own_customer(caller.principal), _read_id(id)), key)


@router.post("/v1/follows/{id}/resume", response_model=Follow, responses=problems(404, 409))
async def resume_follow(caller: AnyCaller, id: FollowPath, key: IdempotencyKey = None) -> Response:
    """Copy again what the leader bets from now on."""
    return await book(caller, ResumeFollow(own_customer(caller.principal), _read_id(id)), key)


@router.delete("/v1/follows/{id}", response_model=Follow, responses=problems(404, 409))
async def end_follow(caller: AnyCaller, id: FollowPath, key: IdempotencyKey = None) -> Response:
    """Stop following. What was copied stays a bet of yours."""
    return await book(caller, EndFollow(own_customer(caller.principal), _read_id(id)), key)


@router.get("/v1/follows/{id}/copies", response_model=Page[Copy], responses=problems(404))
async def list_copies(caller: AnyCaller, id: FollowPath, page: AnyPage) -> Response:
    """List what became of the leader's bets, newest first; some that were skipped are one item together."""
    follow = await _find(caller, id)
    currency = caller.services.currencies.by_number(follow.currency_number)
    rows = await caller.services.follows.copies(follow.id, before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.place, lambda row: present_copy(row, currency)))


@router.get("/v1/me/followers", response_model=Followers, responses=problems(404))
async def list_followers(caller: AnyCaller, page: AnyPage) -> Response:
    """Show how many follow you, and who of them does not keep their profile private, newest first."""
    leader, follows = own_customer(caller.principal), caller.services.follows
    rows = await follows.followers(leader, before=page.before_id, limit=page.limit + 1)
    listed = page_of(rows, page, lambda row: row.follow, _follower)
    return answer(Followers(await follows.count_followers(leader), listed.items, listed.next))


def _follower(row: FollowerRow) -> Follower:
    return Follower(row.username, format_time(row.started_at))


def _own_follower(caller: Caller[SocialServices]) -> CustomerId:
    if caller.principal.role in OPERATORS:
        raise refuse_forbidden("Operators open and decide markets, so they cannot copy bets.")
    return own_customer(caller.principal)


async def _find_leader(services: SocialServices, named: str, fee_bps: int) -> CustomerId:
    """Return who is meant.

    Raises a 404 for nobody, and a 409 for somebody who does not let others copy or takes another fee than this. A
    leader may change the fee right after that: the follow has the fee that its follower agreed to.
    """
    customer = parse_user_id(named)
    found = await (
        services.reads.profile(strip_mark(named)) if customer is None else services.reads.own_profile(customer)
    )
    if found is None or found.visibility is Visibility.PRIVATE:
        raise refuse_not_found("leader_unknown", "There is no such user to follow; check the name.")
    if not found.copyable or await services.follows.is_operator(found.customer):
        raise Refused(problem(409, "leader_not_copyable", "This user does not let others copy; follow somebody else."))
    if found.performance_fee_bps != fee_bps:
        raise Refused(problem(409, "performance_fee_differs", _fee_to_agree_to(found.performance_fee_bps)))
    return found.customer


def _fee_to_agree_to(fee_bps: int) -> str:
    if fee_bps == 0:
        return "This user takes no performance fee; leave performance_fee out."
    share = format_fee(fee_bps)
    return f"This user takes a performance fee of {share} of the profit; give performance_fee {share} to agree to it."


def _read_terms(body: FollowBody, currency: Currency) -> FollowTerms:
    stake_minor = None if body.stake is None else read_amount(body.stake, currency, "stake")
    mode = MODES[body.mode]
    _check_mode(mode, stake_minor, body.ratio)
    products = _read_products(body.products)
    return FollowTerms(
        mode,
        stake_minor,
        body.ratio,
        read_amount(body.allocation, currency, "allocation"),
        read_amount(body.per_bet_cap, currency, "per_bet_cap"),
        read_amount(body.daily_cap, currency, "daily_cap"),
        body.max_slippage_ticks,
        body.min_odds,
        products,
        body.stop_loss_percent,
    )


async def _find_markets(services: SocialServices, named: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of markets, events and pools, in their order. Raises a 422 for a name that is none's."""
    found = await services.follows.find_places({name: parse_market_id(name) for name in named})
    for place, name in enumerate(named):
        if name not in found:
            raise refuse_fields((f"markets[{place}]", "names no market, event or pool; check the id"))
    places = tuple(sorted({number for numbers in found.values() for number in numbers}))
    if len(places) > MARKETS_MAX:
        said = f"stands for {len(places)} markets, events and pools, as some have one name; name at most {MARKETS_MAX}"
        raise refuse_fields(("markets", said))
    return places


def _check_mode(mode: FollowMode, stake_minor: int | None, ratio_ppm: int | None) -> None:
    wanted, other = ("stake", "ratio") if mode is FollowMode.FIXED else ("ratio", "stake")
    given: dict[str, int | None] = {"stake": stake_minor, "ratio": ratio_ppm}
    if given[wanted] is None:
        raise refuse_fields((wanted, f"is required in mode {'fixed' if mode is FollowMode.FIXED else 'proportional'}"))
    if given[other] is not None:
        raise refuse_fields((other, f"cannot be given together with {wanted}, as the mode asks for it"))


def _read_products(named: Sequence[CopiedProductName]) -> tuple[RecordProduct, ...]:
    if len(set(named)) != len(named):
        raise refuse_fields(("products", "must name each product once"))
    return tuple(sorted([COPIED[name] for name in named]))


def _read_changes(terms: FollowTerms, body: FollowChangeBody, currency: Currency) -> dict[str, Any]:
    """Return what the body gives, by field of the terms. Raises a 422 for what does not go together."""
    given = body.model_fields_set
    changes: dict[str, Any] = {
        f"{name}_minor": read_amount(amount, currency, name)
        for name in ("stake", "allocation", "per_bet_cap", "daily_cap")
        if (amount := getattr(body, name)) is not None
    }
    if body.ratio is not None:
        changes["ratio_ppm"] = body.ratio
    if body.mode is not None:
        changes["mode"] = MODES[body.mode]
        if changes["mode"] is not terms.mode:
            changes.setdefault("stake_minor", None)
            changes.setdefault("ratio_ppm", None)
    if body.max_slippage_ticks is not None:
        changes["max_slippage_ticks"] = body.max_slippage_ticks
    if "min_odds" in given:
        changes["min_odds"] = body.min_odds
    if "stop_loss_percent" in given:
        changes["stop_loss_percent"] = body.stop_loss_percent
    if body.products is not None:
        changes["products"] = _read_products(body.products)
    mode = changes.get("mode", terms.mode)
    _check_mode(mode, changes.get("stake_minor", terms.stake_minor), changes.get("ratio_ppm", terms.ratio_ppm))
    return changes


def _read_id(id: str) -> FollowId:
    follow = parse_follow_id(id)
    if follow is None:
        raise _unknown_follow()
    return follow


async def _find(caller: Caller[SocialServices], id: str) -> FollowRow:
    """Return a follow that the caller may see. Raises a 404 for any other."""
    row = await caller.services.follows.follow(_read_id(id))
    if row is None or (row.customer != caller.principal.customer and caller.principal.role not in OPERATORS):
        raise _unknown_follow()
    return row


def _unknown_follow() -> Refused:
    return refuse_not_found("follow_unknown", "There is no such follow of yours; check the id.")


def _present(services: SocialServices, row: FollowRow, names: Mapping[int, str]) -> Follow:
    return present_follow(row, services.currencies.by_number(row.currency_number), names)


async def _reply(services: SocialServices, receipt: Receipt) -> Reply:
    """Return the follow as the command left it; what was used is as of now."""
    first = receipt.events[0]
    if isinstance(first, Rejected):
        return reply_problem(services.refusals.present(first.reason, first.facts))
    assert isinstance(first, FollowStarted | FollowChanged | FollowStatusChanged)
    row = await services.follows.follow(first.follow)
    assert row is not None
    row = _as_of(row, first)
    names = await services.follows.place_names(row.terms.markets)
    return Reply(201 if isinstance(first, FollowStarted) else 200, _present(services, row, names))


def _as_of(row: FollowRow, happened: FollowStarted | FollowChanged | FollowStatusChanged) -> FollowRow:
    """Return a row with the terms or the status that this gave it."""
    if isinstance(happened, FollowStatusChanged):
        ended_at = row.ended_at if happened.status is FollowStatus.ENDED else None
        return replace(row, status=happened.status, stopped_minor=happened.stopped_minor, ended_at=ended_at)
    if isinstance(happened, FollowChanged):
        return replace(row, terms=happened.terms)
    fresh: dict[str, Any] = {
        "status": FollowStatus.ACTIVE,
        "used_minor": 0,
        "day_used_minor": 0,
        "result_minor": 0,
        "stopped_minor": None,
        "ended_at": None,
        "high_water_minor": 0,
        "fees_paid_minor": 0,
    }
    return replace(row, terms=happened.terms, **fresh)


ENDPOINTS: Final[Endpoints[SocialServices]] = Endpoints(
    router, dict.fromkeys((FollowLeader, ChangeFollow, PauseFollow, ResumeFollow, EndFollow), _reply)
)
