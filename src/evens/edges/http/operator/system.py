"""How the house is: alive, ready, which version, what it holds, and what became of a request."""

import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

import evens
from evens.core.values.ids import AccountClass
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.edges.http.operator.services import AnyCaller, AnyVisitor, OperatorServices
from evens.edges.http.operator.shapes import Alive, Failing, Outcome, PoolValue, Readiness, TotalValue, Version
from evens.edges.http.protocol.access import BACK_OFFICE, Caller, authenticate, check_role
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import batch_receipts, receipt_of
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.errors import StoreUnavailable
from evens.store.migrate import bundled
from evens.store.pools.queries import PoolLocked

router = APIRouter(route_class=StrictRoute, tags=["System"])

_SCHEMA: Final = max(migration.number for migration in bundled())


@router.get(
    "/healthz", response_model=Alive, responses={503: {"model": Failing, "description": "A part has died for good."}}
)
async def check_health(visitor: AnyVisitor) -> Response:
    """Say that the process answers and all of its parts work, or are being begun again.

    503: a part has died for good, so the server needs to be started again.
    """
    dead = visitor.services.condition.dead()
    return answer(Failing(sorted(dead)), 503) if dead else answer(Alive())


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness, "description": "Not ready."}})
async def check_readiness(visitor: AnyVisitor) -> Response:
    """Say whether requests can be served: database, migrations, sequencer, ledger, clock."""
    checks = list(await visitor.services.readiness())
    is_ready = all(check.ok for check in checks)
    return answer(Readiness("ready" if is_ready else "not_ready", checks), 200 if is_ready else 503)


@router.get("/version", response_model=Version)
async def read_version() -> Response:
    """Say which Evens this is."""
    return answer(Version(evens.__version__, platform.python_version(), _SCHEMA))


@router.get(
    "/metrics",
    response_class=Response,
    responses=problems(401, 403, 429, 503)
    | {200: {"description": "Metrics.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(visitor: AnyVisitor, request: Request) -> Response:
    """Tell Prometheus; balances are some seconds old at most, or the last known while the database is away.

    Where the operator has closed the metrics, this takes an API key of a service or an operator.
    """
    if visitor.services.metrics_are_closed:
        check_role(await authenticate(visitor.shared, request), BACK_OFFICE)
    with suppress(StoreUnavailable):
        currencies = visitor.shared.currencies.known()
        visitor.shared.metrics.show_balances(await visitor.services.totals.get(), currencies)
        visitor.shared.metrics.show_withdrawals(await visitor.services.console.pending_withdrawals(), currencies)
        visitor.shared.metrics.show_pools(_by_pool(await visitor.services.locked_in_pools()), currencies)
    return Response(visitor.shared.metrics.render(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/tvl", response_model=Page[TotalValue])
async def read_total_value(caller: AnyCaller) -> Response:
    """Tell what users hold altogether, in each currency, and how much of it is staked in which pool.

    The list is always whole.

    The sums are worked out now and then, not for each request: they are up to 5 seconds old, and up to a minute in a
    house with millions of accounts.
    """
    totals, pools = await caller.services.totals.get(), await caller.services.locked_in_pools()
    items: list[TotalValue] = []
    for currency in caller.shared.currencies.all():
        cash, escrow, withdrawing = (
            format_minor(totals.get((currency.number, kept), 0), currency.scale)
            for kept in (AccountClass.CASH, AccountClass.ESCROW, AccountClass.WITHDRAWING)
        )
        of_pools = [_present_pool(each, currency) for each in pools if each.currency_number == currency.number]
        items.append(TotalValue(currency.code, cash, escrow, withdrawing, of_pools))
    return answer(Page(items))


def _present_pool(locked: PoolLocked, currency: Currency) -> PoolValue:
    staked, up, down = (
        format_minor(minor, currency.scale)
        for minor in (locked.up_minor + locked.down_minor, locked.up_minor, locked.down_minor)
    )
    return PoolValue(locked.pool_key, staked, up, down)


def _by_pool(pools: Sequence[PoolLocked]) -> Mapping[tuple[str, int], Mapping[str, int]]:
    return {(each.pool_key, each.currency_number): {"up": each.up_minor, "down": each.down_minor} for each in pools}


@router.get("/v1/outcomes/{idempotency_key:path}", response_model=Outcome, responses=problems(404))
async def read_outcome(caller: AnyCaller, idempotency_key: str) -> Response:
    """Tell what became of the caller's request under a key: the status and body it was answered with.

    404: no request under this key was booked or refused, so it can be sent again. Requests that were malformed, and
    those about logins and API keys, leave no outcome here.
    """
    receipt = await receipt_of(caller.shared.gateway, caller.principal.scope, idempotency_key)
    if receipt is None:
        return answer(await _read_batch_outcome(caller, idempotency_key))
    reply = await caller.shared.presenter.present(receipt)
    kind = type(receipt.command).__name__
    return answer(Outcome(idempotency_key, kind, format_time(receipt.at), reply.status, reply.body))


async def _read_batch_outcome(caller: Caller[OperatorServices], key: str) -> Outcome:
    """Return what became of the items of a batch, up to the last that was decided. Raises a 404 if there are none."""
    shared, batches = caller.shared, caller.services.batches
    receipts = await batch_receipts(shared.gateway, caller.principal.scope, key, batches)
    if not receipts:
        raise refuse_not_found("outcome_unknown", "Nothing was booked or refused under this key; it can be sent again.")
    last = max(receipts.values(), key=lambda receipt: receipt.seq)
    batch = next(each for each in batches if isinstance(last.command, each.command))
    # Only an item that could not be submitted leaves no receipt while later ones do.
    results: list[object] = [batch.unsubmitted.document()] * (max(receipts) + 1)
    for position, receipt in receipts.items():
        results[position] = (await shared.presenter.present(receipt)).body
    return Outcome(key, type(last.command).__name__, format_time(last.at), 200, {"results": results})


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
