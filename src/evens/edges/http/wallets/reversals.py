"""Taking transactions back."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.commands.wallets import ReverseTransaction
from evens.core.events.ledger import TransferKind, Transferred
from evens.core.receipts import Receipt
from evens.core.values.ids import Rail
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem
from evens.edges.http.protocol.receipts import reply_with
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.wallets.bodies import ReversalBody
from evens.edges.http.wallets.presenting import is_cash
from evens.edges.http.wallets.services import OperatorCaller, WalletServices
from evens.edges.http.wallets.shapes import Transaction
from evens.edges.http.wallets.transactions import find_entry

router = APIRouter(route_class=StrictRoute, tags=["Payments"])

_WITHDRAWN: Final = (None, "completed")
_NOT_WITHDRAWN: Final = "Only a completed withdrawal can be reversed; reject one that is still pending instead."


@router.post("/v1/transactions/{id}/reverse", status_code=201, response_model=Transaction, responses=problems(404, 409))
async def reverse_transaction(
    caller: OperatorCaller, id: str, body: ReversalBody, key: IdempotencyKey = None
) -> Response:
    """Take back a deposit, a completed withdrawal or a transfer, once and in full.

    What the account that has to give it back no longer has is lent by the house and `owed`. A deposit that was reversed
    still counts against deposit limits, in full.
    """
    return await book(caller, await read_reversal(caller, id, body), key)


async def read_reversal(caller: Caller[WalletServices], id: str, body: ReversalBody) -> ReverseTransaction:
    """Return what takes a transaction back. Raises a 404, or a 409 for a withdrawal that has not left."""
    entry = await find_entry(caller, id)
    if entry.withdrawal_status not in _WITHDRAWN:
        raise Refused(problem(409, "withdrawal_not_completed", _NOT_WITHDRAWN))
    recorded = entry.transfer
    return ReverseTransaction(
        transaction=recorded.transfer,
        reason=body.reason,
        kind=recorded.kind,
        debit=recorded.debit,
        credit=recorded.credit,
        amount_minor=recorded.amount_minor,
        rail=Rail.DESK if entry.withdrawal_rail is None else entry.withdrawal_rail,
    )


def _reversed(services: WalletServices, receipt: Receipt) -> Transaction:
    """Return the transfer that moved the money back, as whoever gave it back sees it, or else who had it back."""
    command = receipt.command
    assert isinstance(command, ReverseTransaction)
    (moved,) = (
        event for event in receipt.events if isinstance(event, Transferred) and event.kind is TransferKind.REVERSAL
    )
    return services.presenter.transaction(moved, is_out=is_cash(moved.debit), reverses=command.transaction)


ENDPOINTS: Final = Endpoints(router, {ReverseTransaction: reply_with(201, _reversed)})
