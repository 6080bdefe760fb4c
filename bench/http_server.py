"""The server for HTTP benchmarks: Evens with a few more routes that check a request and neither book nor read."""

import json
import socket
import sys
from functools import cache
from pathlib import Path

import uvloop
from fastapi import APIRouter
from starlette.responses import Response

from evens.edges.http.app import create_app
from evens.edges.http.exchange.bodies import OrderBody
from evens.edges.http.exchange.orders import make_order
from evens.edges.http.exchange.services import AnyCaller as ExchangeCaller
from evens.edges.http.pools.bets import make_pool_bet
from evens.edges.http.pools.bodies import PoolBetBody
from evens.edges.http.pools.services import AnyCaller as PoolCaller
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.pagination import AnyPage
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.sportsbook.bets import make_bet
from evens.edges.http.sportsbook.bodies import BetBody
from evens.edges.http.sportsbook.services import AnyCaller as SportsbookCaller
from evens.edges.http.wallets.bodies import TransferBody
from evens.edges.http.wallets.payments import read_transfer
from evens.edges.http.wallets.services import AnyCaller as WalletCaller
from evens.edges.web.build import find_build
from evens.edges.web.pages import Pages
from evens.identity.keys import InstallationKeys
from evens.identity.principal import Principal, Role
from evens.program.betfair_stream import listen_for_betfair, serving_betfair
from evens.program.logs import configure
from evens.program.postgres import Postgres
from evens.program.server import open_house, serve
from evens.settings import Settings

SECRET = bytes(32)

noop = APIRouter(route_class=StrictRoute)


@noop.post("/bench/transfers", status_code=201)
async def check_transfer(caller: WalletCaller, body: TransferBody, key: IdempotencyKey = None) -> Response:
    """Authenticate, validate and understand a transfer, then answer with what was understood."""
    transfer = read_transfer(caller, body, {})
    return answer({"payer": transfer.payer, "payee": transfer.payee, "amount": transfer.amount_minor, "key": key}, 201)


@noop.post("/bench/orders", status_code=201)
async def check_order(caller: ExchangeCaller, body: OrderBody, key: IdempotencyKey = None) -> Response:
    """Authenticate, validate and understand an order, then answer with what was understood."""
    order = make_order(caller, body, await caller.services.markets.require(body.market_id))
    return answer({"market": order.market, "runner": order.runner, "odds": order.odds, "key": key}, 201)


@noop.post("/bench/bets", status_code=201)
async def check_bet(caller: SportsbookCaller, body: BetBody, key: IdempotencyKey = None) -> Response:
    """Authenticate, validate and understand a bet, then answer with what was understood."""
    bet, _events = await make_bet(caller, body)
    leg = bet.legs[0]
    return answer({"event": leg.fixture, "selection": leg.selection, "stake": bet.stake_minor, "key": key}, 201)


@noop.post("/bench/pools/{pool}/bets", status_code=201)
async def check_pool_bet(caller: PoolCaller, pool: str, body: PoolBetBody, key: IdempotencyKey = None) -> Response:
    """Authenticate, validate and understand a bet in a pool, then answer with what was understood."""
    bet = await make_pool_bet(caller, pool, body)
    return answer({"pool": bet.pool, "side": bet.side, "stake": bet.stake_minor, "key": key}, 201)


@noop.get("/bench/pages")
async def show_page(caller: SportsbookCaller, page: AnyPage, size: int) -> Response:
    """Authenticate, validate and understand what page is asked for, then answer with so many bytes."""
    return Response(_bytes(size), 200, media_type="application/json")


@cache
def _bytes(size: int) -> bytes:
    return b" " * size


async def main(owner_dsn: str, app_dsn: str) -> None:
    """Serve on free ports; print them with an operator's key; stop when told to."""
    configure("info", Path("/dev/null"))
    settings = Settings(betfair_stream_port=0)
    postgres = Postgres(owner_dsn, app_dsn, Path())
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    stream = listen_for_betfair(settings, "127.0.0.1", 0)
    async with (
        open_house(postgres, settings, InstallationKeys(SECRET), url) as house,
        serving_betfair(house.betfair.stream, settings, stream, house.places),
    ):
        app = create_app(house.services, Pages(find_build()), house.betfair.routes)
        # First among the routes, so that finding it costs the reference nothing.
        app.router.routes[:0] = noop.routes
        console = Principal(Role.ADMIN, None, "bench")
        key = await house.services.identity.create_api_key(console, role=Role.OPERATOR)

        def ready() -> None:
            ports = {"port": listener.getsockname()[1], "stream": stream.getsockname()[1]}
            print(json.dumps({**ports, "key": key.key}), flush=True)

        await serve(house, app, listener, ready=ready, stopping=lambda: None)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
