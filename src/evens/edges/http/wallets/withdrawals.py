"""Withdrawals as whoever asked for them sees them: how far each has come."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.values.moments import format_datetime, format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_transaction_id, format_user_id, parse_transaction_id
from evens.edges.http.protocol.access import is_customer, refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.wallets.services import AnyCaller, WalletServices
from evens.edges.http.wallets.shapes import TransactionStatus, Withdrawal, WithdrawalProgress
from evens.store.wallets.withdrawals import WithdrawalRow

router = APIRouter(route_class=StrictRoute, tags=["Payments"])

_STATUSES: Final[Mapping[str, TransactionStatus]] = {
    "pending": "pending",
    "completed": "completed",
    "rejected": "rejected",
}
_PENDING: Final[Mapping[str | None, WithdrawalProgress]] = {
    None: "held",
    "waiting": "waiting_approval",
    "approved": "approved",
    "signing": "approved",
    "sent": "sent",
    "stuck": "stuck",
    "confirmed": "confirmed",
    # The books follow in a moment.
    "returned": "held",
    "rejected": "held",
    "by_hand": "held",
}


@router.get("/v1/users/{id}/withdrawals", response_model=Page[Withdrawal], responses=problems(404))
async def list_user_withdrawals(
    caller: AnyCaller,
    id: str,
    page: AnyPage,
    status: Annotated[TransactionStatus | None, Query(description="Only those that stand so.")] = None,
) -> Response:
    """List the withdrawals that a user asked for, newest first, with how far each has come."""
    customer, services = resolve_customer(caller.principal, id), caller.services
    rows = await services.withdrawals.withdrawals(customer, status, before=page.before_id, limit=page.limit + 1)
    if not rows and await services.queries.customer(customer) is None:
        raise refuse_unknown_customer()
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_withdrawal(row, services.currencies)))


@router.get("/v1/withdrawals/{id}", response_model=Withdrawal, responses=problems(404))
async def read_withdrawal(caller: AnyCaller, id: str) -> Response:
    """Show a withdrawal that a user asked for, with how far it has come."""
    withdrawal = parse_transaction_id(id)
    row = None if withdrawal is None else await caller.services.withdrawals.withdrawal(withdrawal)
    if row is None or (is_customer(caller.principal) and row.customer != caller.principal.customer):
        raise refuse_not_found("withdrawal_unknown", "There is no requested withdrawal with this id.")
    return answer(present_withdrawal(row, caller.services.currencies))


def present_withdrawal(row: WithdrawalRow, currencies: Currencies) -> Withdrawal:
    """Return a withdrawal as it stands."""
    currency = currencies.by_number(row.currency_number)
    return Withdrawal(
        id=format_transaction_id(row.id),
        user_id=format_user_id(row.customer),
        amount=format_minor(row.amount_minor, currency.scale),
        currency=currency.code,
        status=_STATUSES[row.status],
        progress=_progress(row),
        destination=row.destination,
        reference=row.reference,
        requested_at=format_time(row.id),
        approved_at=None if row.approved_at is None else format_datetime(row.approved_at),
        sent_at=None if row.sent_at is None else format_datetime(row.sent_at),
        rail=row.rail,
        tx_hash=row.tx_hash,
        block_number=row.block_number,
        reason=row.reason,
    )


def _progress(row: WithdrawalRow) -> WithdrawalProgress:
    if row.status == "rejected":
        return "returned"
    if row.status == "completed":
        return "confirmed" if row.payout == "confirmed" else "paid"
    return _PENDING[row.payout]


ENDPOINTS: Final = Endpoints[WalletServices](router)
