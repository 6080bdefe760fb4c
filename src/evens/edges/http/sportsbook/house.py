"""The house's own money: the bank that covers bets, and what is reserved for them."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from evens.core.commands.fixed_odds import FundHouse, WithdrawFromHouse
from evens.edges.http.protocol.amounts import read_money
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.booking import book
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.sportsbook.bodies import HouseBody
from evens.edges.http.sportsbook.presenting import present_balances
from evens.edges.http.sportsbook.services import AdminCaller, OperatorCaller, reply
from evens.edges.http.sportsbook.shapes import HouseBalance, HouseMove

router = APIRouter(route_class=StrictRoute, tags=["House"])


@router.post("/v1/house/deposits", status_code=201, response_model=HouseMove, responses=problems(409))
async def fund_house(caller: AdminCaller, body: HouseBody, key: IdempotencyKey = None) -> Response:
    """Pay into the bank, out of which bets are covered. What the owner owes the house is repaid out of it first."""
    money = read_money(caller.shared, body.amount, body.currency)
    return await book(caller, FundHouse(money.currency.code, money.amount_minor, body.reference), key)


@router.post("/v1/house/withdrawals", status_code=201, response_model=HouseMove, responses=problems(402, 409))
async def withdraw_from_house(caller: AdminCaller, body: HouseBody, key: IdempotencyKey = None) -> Response:
    """Pay out what is in the bank and not reserved for bets."""
    money = read_money(caller.shared, body.amount, body.currency)
    return await book(caller, WithdrawFromHouse(money.currency.code, money.amount_minor, body.reference), key)


@router.get("/v1/house/balances", response_model=Page[HouseBalance])
async def read_house_balances(caller: OperatorCaller) -> Response:
    """Tell what the house has of its own, in each currency. The list is always whole."""
    return answer(Page(present_balances(await caller.services.reads.house_balances(), caller.shared.currencies)))


ENDPOINTS: Final = Endpoints(router, dict.fromkeys((FundHouse, WithdrawFromHouse), reply), Traffic.RARE)
