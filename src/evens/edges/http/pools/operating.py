"""What operators do: create pools, open and lock rounds, say how they ended."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from evens.core.commands.pools import ChangePool, CreatePool, LockRound, OpenRound, SettleRound, VoidRound
from evens.core.values.moments import format_time
from evens.core.values.money import Currency
from evens.core.values.pool_running import RunningInvalid, format_running, parse_running, running_of
from evens.core.values.pools import PoolTerms, RoundResult, RoundStatus
from evens.edges.http.pools.bodies import (
    CodePath,
    CorrectRoundBody,
    OpenRoundBody,
    PoolBody,
    PoolChangeBody,
    PoolPath,
    SettleRoundBody,
    VoidRoundBody,
)
from evens.edges.http.pools.presenting import RESULTS
from evens.edges.http.pools.schedule import NoSession, RoundSchedule, RoundTimes, Told
from evens.edges.http.pools.services import OperatorCaller, PoolServices, reply
from evens.edges.http.pools.shapes import PoolShown, RoundState
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.booking import book, book_made
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.pools.rows import RoundRow
from evens.validation_messages import message_of

router = APIRouter(route_class=StrictRoute, tags=["Pools: operators"])

_CHANGED: Final = problems(404, 409)
_RESULTS: Final = {"up": RoundResult.UP, "down": RoundResult.DOWN, "void": RoundResult.VOID}
PRICE: Final = re.compile(r"(?=.*[1-9])(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?", re.ASCII)
_OWN_KEYS: Final = frozenset({"bets", "rounds"})
_OWN_CODES: Final = frozenset({"current"})
"""What stands in addresses where a key, or a code, could stand: nobody would find a pool or round of that name."""


@router.post("/v1/pools", status_code=201, response_model=PoolShown, responses=problems(409))
async def create_pool(caller: OperatorCaller, body: PoolBody, key: IdempotencyKey = None) -> Response:
    """Begin a series of rounds. Its rounds open, lock and settle by themselves, as its calendar and sources say."""

    async def make() -> CreatePool:
        check_key(body.key)
        currency = read_currency(caller.shared, body.currency)
        return CreatePool(body.key, currency.code, await terms_of(body, currency, caller.services.schedule))

    return await book_made(caller, ("create pool", body), make, key)


@router.patch("/v1/pools/{pool}", response_model=PoolShown, responses=_CHANGED)
async def change_pool(
    caller: OperatorCaller, pool: PoolPath, body: PoolChangeBody, key: IdempotencyKey = None
) -> Response:
    """Give a pool other terms, for the rounds that are opened from now on. A day in `closed` is so at once."""

    async def make() -> ChangePool:
        row = await caller.services.pools.read(pool)
        currency = caller.shared.currencies.by_number(row.currency_number)
        terms = await _changed(row.terms, body, currency, caller.services.schedule)
        _check_stakes(terms)
        return ChangePool(row.id, terms)

    return await book_made(caller, ("change pool", pool, body, sorted(body.model_fields_set)), make, key)


@router.post("/v1/pools/{pool}/stop", response_model=PoolShown, responses=_CHANGED)
async def stop_pool(caller: OperatorCaller, pool: PoolPath, key: IdempotencyKey = None) -> Response:
    """Open no further rounds. Those that are open go on, and are locked and settled in their time."""
    return await _stop(caller, pool, "operator", key)


@router.post("/v1/pools/{pool}/resume", response_model=PoolShown, responses=_CHANGED)
async def resume_pool(caller: OperatorCaller, pool: PoolPath, key: IdempotencyKey = None) -> Response:
    """Open rounds again, beginning with the next one by the calendar."""
    return await _stop(caller, pool, "", key)


async def _stop(caller: OperatorCaller, pool: str, stopped: str, key: str | None) -> Response:
    async def make() -> ChangePool:
        row = await caller.services.pools.read(pool)
        running = replace(parse_running(row.terms.running), stopped=stopped)
        return ChangePool(row.id, replace(row.terms, running=format_running(running)))

    return await book_made(caller, ("stop pool" if stopped else "resume pool", pool), make, key)


@router.post("/v1/pools/{pool}/rounds", status_code=201, response_model=RoundState, responses=_CHANGED)
async def open_round(
    caller: OperatorCaller, pool: PoolPath, body: OpenRoundBody, key: IdempotencyKey = None
) -> Response:
    """Let people bet in a new round. It locks by itself when its time has come."""
    return await book_made(caller, ("open round", pool, body), partial(_read_opening, caller, pool, body), key)


async def _read_opening(caller: Caller[PoolServices], pool: str, body: OpenRoundBody) -> OpenRound:
    """Return what opens a round. Raises a 404 for the pool, a 409 if it cannot be opened now, or a 422."""
    row = await caller.services.pools.read(pool)
    if parse_running(row.terms.running).stopped:
        raise Refused(problem(409, "pool_stopped", "This pool is stopped; resume it to open rounds."))
    if body.code in _OWN_CODES:
        raise refuse_fields(("code", "is a word of ours; choose another one"))
    now, schedule = time.time_ns(), caller.services.schedule
    try:
        if body.locks_at is None and body.settles_at is None:
            times = schedule.times(row, body.code, now)
        else:
            times = _own_times(body)
            schedule.check_code(row, times.code, now)
    except NoSession as error:
        raise refuse_fields(("code", str(error))) from error
    if await caller.services.reads.round(row.id, times.code) is not None:
        raise Refused(problem(409, "round_exists", f"The pool has a round {times.code}; give another code."))
    return OpenRound(row.id, times.code, times.locks_at, times.settles_at)


@router.post("/v1/pools/{pool}/rounds/{code}/lock", response_model=RoundState, responses=_CHANGED)
async def lock_round(caller: OperatorCaller, pool: PoolPath, code: CodePath, key: IdempotencyKey = None) -> Response:
    """Take no more bets in a round whose time has come. It locks by itself then; before, it can only be voided."""
    row = await caller.services.pools.round(pool, code)
    _check_time(caller.services.schedule, row.locks_at, "locks")
    return await book(caller, LockRound(row.id), key)


@router.post("/v1/pools/{pool}/rounds/{code}/settle", response_model=RoundState, responses=_CHANGED)
async def settle_round(
    caller: OperatorCaller, pool: PoolPath, code: CodePath, body: SettleRoundBody, key: IdempotencyKey = None
) -> Response:
    """Say how a locked round ended, or have its sources asked now. Bets are paid a part at a time.

    409 `sources_differ`: its sources have decided otherwise; `against_sources` says why they are wrong.
    """
    id = f"{pool}/{code}"
    return await book_made(caller, ("settle round", id, body), partial(read_result, caller, id, body), key)


async def read_result(caller: Caller[PoolServices], id: str, body: SettleRoundBody) -> SettleRound | VoidRound:
    """Return how a round ends. Raises a 404 for the round, a 409 if its sources do not say so, or a 422."""
    row = await _round_of(caller, id)
    _check_time(caller.services.schedule, row.settles_at, "is settled")
    if body.result == "auto":
        if body.price is not None:
            raise refuse_fields(("price", "cannot be given with the result auto"))
        if body.against_sources is not None:
            raise refuse_fields(("against_sources", "cannot be given with the result auto"))
        told = await caller.services.schedule.ask(row)
        if told.result is None:
            raise Refused(problem(409, "no_price", told.why))
        if told.result is RoundResult.VOID:
            return VoidRound(row.id, told.why, told.evidence)
        return SettleRound(row.id, told.result, told.evidence)
    price = body.price
    if body.against_sources is None:
        found = await _check_sources(caller.services.schedule, row, body.result)
        # The next round is compared with this one's close, so it is kept also if the operator does not name it.
        price = price if price is not None else found
    evidence = _own_evidence(caller, price, against_sources=body.against_sources)
    return SettleRound(row.id, _RESULTS[body.result], evidence)


@router.post("/v1/pools/{pool}/rounds/{code}/void", response_model=RoundState, responses=_CHANGED)
async def void_round(
    caller: OperatorCaller, pool: PoolPath, code: CodePath, body: VoidRoundBody, key: IdempotencyKey = None
) -> Response:
    """Give every stake of a round without a result back; there is no fee."""
    id = f"{pool}/{code}"
    return await book_made(caller, ("void round", id, body), partial(read_void, caller, id, body), key)


async def read_void(caller: Caller[PoolServices], id: str, body: VoidRoundBody) -> VoidRound:
    """Return what voids a round. Raises a 404 for one that nobody knows."""
    row = await _round_of(caller, id)
    told = await _ask_if_due(caller.services.schedule, row)
    # The next round is compared with this one's close, also if this one is void.
    found: dict[str, Any] = {} if told is None else json.loads(told.evidence)
    kept = found if found.get("verdict") == "decided" else {}
    return VoidRound(row.id, body.reason, _canonical({**kept, "by": caller.principal.role.value}))


@router.post("/v1/pools/{pool}/rounds/{code}/correct", response_model=RoundState, responses=_CHANGED)
async def correct_round(
    caller: OperatorCaller, pool: PoolPath, code: CodePath, body: CorrectRoundBody, key: IdempotencyKey = None
) -> Response:
    """Replace a result that was wrong, however old: what was paid is corrected; who has spent it owes it."""
    return await book(caller, await read_correction(caller, f"{pool}/{code}", body), key)


async def read_correction(caller: Caller[PoolServices], id: str, body: CorrectRoundBody) -> SettleRound:
    """Return what replaces a round's result. Raises a 404 for one that nobody knows."""
    row = await _round_of(caller, id)
    evidence = _own_evidence(caller, body.price, body.reason)
    return SettleRound(row.id, _RESULTS[body.result], evidence, correction=True)


async def _round_of(caller: Caller[PoolServices], id: str) -> RoundRow:
    """Return the round that `pool/code` names. Raises a 404."""
    pool, _, code = id.partition("/")
    return await caller.services.pools.round(pool, code)


def body_of(said: Mapping[str, Any]) -> PoolBody:
    """Return what a mapping says of a new pool. Raises a 422 that names what cannot be."""
    try:
        return PoolBody.model_validate(dict(said))
    except ValidationError as error:
        first = error.errors()[0]
        raise refuse_fields((".".join(map(str, first["loc"])), message_of(first))) from error


def check_key(key: str) -> None:
    """Raise a 422 for a key that stands for something else in addresses."""
    if key in _OWN_KEYS:
        raise refuse_fields(("key", "is a word of ours; choose another one"))


async def terms_of(body: PoolBody, currency: Currency, schedule: RoundSchedule) -> PoolTerms:
    """Return the terms of a new pool, however they were told. Raises a 422 that names what cannot be."""
    terms = PoolTerms(
        name=body.name,
        symbol=body.symbol,
        fee_bps=body.fee_bps,
        min_stake_minor=_least_stake(currency)
        if body.min_stake is None
        else read_amount(body.min_stake, currency, "min_stake"),
        max_stake_minor=None if body.max_stake is None else read_amount(body.max_stake, currency, "max_stake"),
        running=await _running(schedule, body.said(), {}),
    )
    _check_stakes(terms)
    return terms


async def _running(schedule: RoundSchedule, said: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Return how a pool is run, as its terms keep it. Raises a 422 that names what cannot be."""
    try:
        running = running_of({**before, **said})
        await schedule.check(running)
        return format_running(running)
    except RunningInvalid as error:
        raise refuse_fields((error.field, error.why)) from error


async def _changed(terms: PoolTerms, body: PoolChangeBody, currency: Currency, schedule: RoundSchedule) -> PoolTerms:
    said: dict[str, Any] = {
        name: value for name in ("name", "symbol", "fee_bps") if (value := getattr(body, name)) is not None
    }
    if body.min_stake is not None:
        said["min_stake_minor"] = read_amount(body.min_stake, currency, "min_stake")
    if body.max_stake is not None:
        said["max_stake_minor"] = read_amount(body.max_stake, currency, "max_stake")
    elif "max_stake" in body.model_fields_set:
        said["max_stake_minor"] = None
    before = json.loads(format_running(parse_running(terms.running)))
    return replace(terms, **said, running=await _running(schedule, body.said(), before))


def _least_stake(currency: Currency) -> int:
    """Return the least stake where none is named: a hundred minor units, and no less than a hundredth of one.

    What a bet loses by rounding down is less than one minor unit, so of such a stake at most a hundredth.
    """
    return 10 ** max(2, currency.scale - 2)


def _check_stakes(terms: PoolTerms) -> None:
    if terms.max_stake_minor is not None and terms.max_stake_minor < terms.min_stake_minor:
        raise refuse_fields(("max_stake", "must not be below min_stake"))


def _own_times(body: OpenRoundBody) -> RoundTimes:
    given = {"code": body.code, "locks_at": body.locks_at, "settles_at": body.settles_at}
    missing = [(name, "is required with times of your own") for name, value in given.items() if value is None]
    if missing:
        raise refuse_fields(*missing)
    assert body.code is not None
    assert body.locks_at is not None
    assert body.settles_at is not None
    if body.locks_at <= time.time_ns():
        raise refuse_fields(("locks_at", "must lie in the future"))
    if body.settles_at < body.locks_at:
        raise refuse_fields(("settles_at", "must not be before locks_at"))
    return RoundTimes(body.code, body.locks_at, body.settles_at)


def _check_time(schedule: RoundSchedule, moment: int, what: str) -> None:
    """Raise a 409 before a moment on which people rely, where rounds go by the clock."""
    if schedule.runs and time.time_ns() < moment:
        detail = f"The round {what} at {format_time(moment)}, and not before; until then it can only be voided."
        raise Refused(problem(409, "round_not_due", detail))


async def _ask_if_due(schedule: RoundSchedule, row: RoundRow) -> Told | None:
    if row.result is not None or row.status is RoundStatus.OPEN or time.time_ns() < row.settles_at:
        return None
    return await schedule.ask(row)


async def _check_sources(schedule: RoundSchedule, row: RoundRow, result: str) -> str | None:
    """Return the close by a round's sources, if they have decided it.

    Raises a 409 if they have decided otherwise than an operator says now.
    """
    told = await _ask_if_due(schedule, row)
    if told is None:
        return None
    said = json.loads(told.evidence)
    if told.result is not None and told.result not in (RoundResult.VOID, _RESULTS[result]):
        words = f"The sources say {RESULTS[told.result]}: {said.get('price')} after {said.get('reference')}."
        remedy = "If they are wrong, say why in against_sources."
        raise Refused(problem(409, "sources_differ", f"{words} {remedy}"))
    price = said.get("price") if said.get("verdict") == "decided" else None
    return price if isinstance(price, str) and PRICE.fullmatch(price) else None


def _own_evidence(
    caller: Caller[PoolServices], price: str | None, reason: str | None = None, against_sources: str | None = None
) -> str:
    """Return what an operator said as evidence: who, and the price or the reason if they gave it."""
    if price is not None and not PRICE.fullmatch(price):
        raise refuse_fields(("price", "must be a decimal above 0 such as 15003.25"))
    said = {
        "by": caller.principal.role.value,
        "price": price,
        "reason": reason,
        "against_sources": against_sources,
    }
    return _canonical({name: each for name, each in said.items() if each is not None})


def _canonical(said: Mapping[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


ENDPOINTS: Final = Endpoints(
    router,
    dict.fromkeys((CreatePool, ChangePool, OpenRound, LockRound, SettleRound, VoidRound), reply),
    Traffic.USUAL,
)
