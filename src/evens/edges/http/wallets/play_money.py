"""Play money in a demo, for whoever asks. Everywhere else there is nothing at this address."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.commands.wallets import Deposit
from evens.core.values.ids import Rail
from evens.edges.http.protocol.access import own_customer
from evens.edges.http.protocol.amounts import read_money
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.wallets.bodies import PlayMoneyBody
from evens.edges.http.wallets.services import AnyCaller, WalletServices
from evens.edges.http.wallets.shapes import Transaction

router = APIRouter(route_class=StrictRoute, tags=["Payments"])


@router.post("/v1/demo/deposits", status_code=201, response_model=Transaction, responses=problems(404, 409))
async def deposit_play_money(caller: AnyCaller, body: PlayMoneyBody, key: IdempotencyKey = None) -> Response:
    """In `evens demo`, book a deposit for oneself, within one's own limits. Outside of a demo this is a 404."""
    if not caller.services.is_demo:
        raise refuse_not_found("not_found", "This is no demo: an operator books what was paid in.")
    money = read_money(caller.shared, body.amount, body.currency)
    customer = own_customer(caller.principal)
    return await book(caller, Deposit(customer, money.currency.code, money.amount_minor, Rail.DESK), key)


ENDPOINTS: Final = Endpoints[WalletServices](router)
