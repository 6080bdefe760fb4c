"""What the claims of the Exchange Stream's table share, and those of the connection and of what is not here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from evens.core.commands.exchange import PlaceOrder
from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.edges.betfair.stream.serving import StreamLimits
from evens.identity.principal import Role
from tests.betfair.stream.conftest import BetfairServer, LineClient, Message, betfair_beside

Claim = Callable[[BetfairServer], Awaitable[None]]
"""Sees that what a row of the table says of one name is so."""


async def place(betfair: BetfairServer, who: CustomerId, market: MarketId, bet: str, **more: Any) -> str:
    """Place an order, written such as ``1 back 10 @ 2.50``, the runner first; return its number."""
    runner, side, stake, _, odds = bet.split()
    told = Side[side.upper()], round(float(odds) * 100), round(float(stake) * 100)
    receipt = await betfair.house.book(PlaceOrder(who, market, RunnerId(int(runner)), *told, **more))
    return str(receipt.seq)


def naming(*markets: MarketId) -> dict[str, list[str]]:
    """Return the filter that names markets."""
    return {"marketIds": [f"1.{market}" for market in markets]}


async def refused(client: LineClient, op: str, **fields: Any) -> tuple[str, str]:
    """Send a request that fails and leaves the connection open; return the code and the message."""
    answer = await client.ask(op, id=9, **fields)
    assert (answer["statusCode"], answer["connectionClosed"], answer["id"]) == ("FAILURE", False, 9), answer
    assert (await client.ask("heartbeat", id=10))["statusCode"] == "SUCCESS"
    return answer["errorCode"], answer["errorMessage"]


def markets_in(message: Message) -> list[str]:
    """Return the ids of the markets that a message tells of."""
    return [entry["id"] for entry in message["mc"]]


async def _connection(betfair: BetfairServer) -> None:
    session, limits = await betfair.session(), StreamLimits(check_credentials_s=0.05)
    database = betfair.house.house.services.exchange.queries.database
    async with betfair_beside(betfair.house, database, limits) as usual:
        clients = [usual.connected() for _ in range(limits.connections_per_caller_max + 1)]
        opened = [await client.__aenter__() for client in clients]
        told = [await client.authenticate(session) for client in opened]
        for client in clients:
            await client.__aexit__(None, None, None)
    assert [answer["statusCode"] for answer in told] == ["SUCCESS"] * 10 + ["FAILURE"]
    assert [answer["connectionsAvailable"] for answer in told[:10]] == list(reversed(range(10)))
    assert told[10]["errorCode"] == "MAX_CONNECTION_LIMIT_EXCEEDED"


async def _authentication(betfair: BetfairServer) -> None:
    session, limits = await betfair.session(), StreamLimits(check_credentials_s=0.05)
    services = betfair.house.house.services
    async with (
        betfair_beside(betfair.house, services.exchange.queries.database, limits) as usual,
        usual.connected(session) as client,
    ):
        assert (await client.follow(marketFilter={}))["ct"] == "SUB_IMAGE"
        principal = await services.identity.authenticate(session)
        desk = await betfair.house.someone(Role.ADMIN)
        assert (await desk.delete(f"/v1/api-keys/{principal.key_id}")).status_code in {200, 204}
        last = (await client.ended())[-1]
        assert (last["errorCode"], last["connectionClosed"]) == ("INVALID_SESSION_INFORMATION", True)


async def _heartbeat(betfair: BetfairServer) -> None:
    async with betfair.connected(await betfair.session()) as client:
        answer = await client.ask("heartbeat", id="mine")
        assert answer == {"op": "status", "id": "mine", "statusCode": "SUCCESS", "connectionClosed": False}


def _not_here(op: str) -> Claim:
    async def claim(betfair: BetfairServer) -> None:
        async with betfair.connected(await betfair.session()) as client:
            code, message = await refused(client, op)
            assert (code, op in message) == ("INVALID_INPUT", True)

    return claim


OF_CONNECTIONS: Final[Mapping[str, Claim]] = {
    "connection": _connection,
    "authentication": _authentication,
    "heartbeat": _heartbeat,
}
NOT_HERE: Final[Mapping[str, Claim]] = {
    "raceSubscription": _not_here("raceSubscription"),
    "cricketSubscription": _not_here("cricketSubscription"),
}
