"""Importing a payments history with its real dates."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.strict import BatchRoute
from evens.edges.http.wallets.bodies import ImportBody
from evens.edges.http.wallets.importing import Import
from evens.edges.http.wallets.services import BackOfficeCaller, WalletServices
from evens.edges.http.wallets.shapes import Imported

router = APIRouter(route_class=BatchRoute, tags=["Payments"])


@router.post("/v1/imports", response_model=Imported)
async def import_rows(caller: BackOfficeCaller, body: ImportBody) -> Response:
    """Book up to 1,000 rows of a payments history; accounts that are unknown become users of that name.

    A row is named by its account and reference, for ever: sending it again books nothing and says `already_booked`. So
    does a row whose reference is the id of that user's own transaction, with its amount, as in a statement of ours.
    Rows that cannot be booked are reported and change nothing; the others are booked. No Idempotency-Key is needed.
    """
    currency = read_currency(caller.shared, body.currency)
    rows = Import(caller, currency)
    return answer(Imported(await rows.run(body.rows)))


ENDPOINTS: Final = Endpoints[WalletServices](router, traffic=Traffic.RARE)
