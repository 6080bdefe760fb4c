"""An account's channel: its owner's balances, orders and matches, all of them, and nobody else's."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
import structlog

from evens.core.commands.exchange import PlaceOrder, TurnInPlay
from evens.core.events.exchange import OrderPlaced
from evens.core.values.betting import Persistence, Side
from evens.core.values.ids import RunnerId
from evens.identity.principal import CONSOLE, Role
from tests.edges.conftest import Caller
from tests.stream.client import AccountCopy, Client
from tests.stream.conftest import StreamServer, id_of
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _follow(client: Client, who: Caller) -> AccountCopy:
    answer = await client.authenticate(who.bearer)
    assert answer == {"type": "authenticated", "role": "customer", "user_id": who.id}
    await client.request("subscribe", channel="account")
    copy = AccountCopy(client)
    copy.take(await client.receive())
    return copy


async def _open_orders(who: Caller) -> dict[str, dict[str, Any]]:
    answer = await who.get("/v1/exchange/orders", status="executable", limit=200)
    assert answer.json()["next"] is None
    return {order["id"]: order for order in answer.json()["items"]}


async def _balance(who: Caller) -> dict[str, str]:
    answer = (await who.get(f"/v1/users/{who.id}/balance", currency="USD")).json()
    return {name: answer[name] for name in ("currency", "cash", "escrow", "withdrawing", "total", "owed")}


@pytest.mark.parametrize("seed", range(3))
async def test_a_client_that_applies_every_delta_has_exactly_the_account(streaming: StreamServer, seed: int) -> None:
    market = await streaming.market()
    people = [await streaming.customer(f"c{number}") for number in range(3)]
    ids = [id_of(who) for who in people]
    trading = Trading(streaming, market, ids, seed)
    await trading.go_on(30)
    async with streaming.connected() as first, streaming.connected() as second, streaming.connected() as third:
        copies = [await _follow(client, who) for client, who in zip((first, second, third), people, strict=True)]
        known = [dict(copy.orders) for copy in copies]
        await trading.go_on(100)
        await streaming.book(TurnInPlay(market))
        await streaming.wait_until_idle(market)
        await trading.go_on(50)
        await streaming.wait_until_idle(market)
        for copy, who, before in zip(copies, people, known, strict=True):
            await copy.follow(await streaming.deposit(id_of(who), 1))
            assert copy.open_orders == await _open_orders(who)
            assert copy.balances["USD"] == await _balance(who)
            _assert_matches_add_up(copy, before)


def _assert_matches_add_up(copy: AccountCopy, before: dict[str, dict[str, Any]]) -> None:
    matched = {number: Decimal(order["matched"]) for number, order in before.items()}
    for match in copy.matches:
        order = copy.orders[match["order_id"]]
        assert (match["runner_id"], match["side"]) == (order["runner_id"], order["side"])
        matched[match["order_id"]] = matched.get(match["order_id"], Decimal(0)) + Decimal(match["size"])
    assert copy.matches
    for number, order in copy.orders.items():
        assert matched.get(number, Decimal(0)) == Decimal(order["matched"])


async def test_a_delayed_order_shows_until_when_it_is_delayed(streaming: StreamServer) -> None:
    market = await streaming.market()
    ada = await streaming.customer("ada")
    await streaming.book(TurnInPlay(market))
    await streaming.wait_until_idle(market)
    async with streaming.connected() as client:
        copy = await _follow(client, ada)
        order = PlaceOrder(id_of(ada), market, RunnerId(1), Side.BACK, 300, 500, persistence=Persistence.PERSIST)
        placed = (await streaming.book(order)).events
        number = next(f"ord_{event.order}" for event in placed if isinstance(event, OrderPlaced))
        while number not in copy.orders:
            copy.take(await client.receive())
        delayed = [copy.orders[number]["delayed_until"]]
        while copy.orders[number]["delayed_until"] is not None:
            copy.take(await client.receive())
    assert copy.orders[number]["status"] == "executable"
    assert len(delayed) == 1


async def test_an_account_channel_has_nothing_of_other_customers(streaming: StreamServer) -> None:
    market = await streaming.market()
    ada, bob, carl = [await streaming.customer(name) for name in ("ada", "bob", "carl")]
    async with streaming.connected() as client:
        await _follow(client, carl)
        await Trading(streaming, market, [id_of(ada), id_of(bob)]).go_on(60)
        seq = await streaming.deposit(id_of(carl), 100)
        delta = await client.receive()
    assert delta["seq"] == seq
    assert delta.keys() == {"type", "channel", "id", "prev_seq", "seq", "balances"}
    assert [balance["cash"] for balance in delta["balances"]] == ["10000001.00"]


async def test_an_account_cannot_be_followed_without_authentication(streaming: StreamServer) -> None:
    ada = await streaming.customer("ada")
    async with streaming.connected() as client:
        for fields in ({}, {"id": ada.id}, {"id": "me"}):
            await client.request("subscribe", channel="account", **fields)
            assert (await client.receive())["code"] == "not_authenticated"


async def test_a_customer_cannot_follow_another_account(streaming: StreamServer) -> None:
    ada, bob = await streaming.customer("ada"), await streaming.customer("bob")
    async with streaming.connected() as client:
        await client.authenticate(ada.bearer)
        for other in (bob.id, "usr_999999", "bob"):
            await client.request("subscribe", channel="account", id=other)
            refused = await client.receive()
            assert (refused["type"], refused["code"], refused["id"]) == ("error", "forbidden", other)


async def test_an_operator_follows_anybodys_account(streaming: StreamServer) -> None:
    ada, operator = await streaming.customer("ada"), await streaming.someone(Role.OPERATOR)
    async with streaming.connected() as client:
        assert (await client.authenticate(operator.bearer))["user_id"] is None
        await client.request("subscribe", channel="account", id=ada.id)
        copy = AccountCopy(client)
        copy.take(await client.receive())
        await copy.follow(await streaming.deposit(id_of(ada), 100))
        assert copy.balances["USD"] == await _balance(ada)
        await client.request("subscribe", channel="account")
        assert (await client.receive())["code"] == "customer_unknown"
        await client.request("subscribe", channel="account", id="usr_999999")
        assert (await client.receive())["code"] == "customer_unknown"


@pytest.mark.parametrize("token", ["", "nonsense", "evk_unknown", "ÿ" * 3000])
async def test_unknown_credentials_are_refused(streaming: StreamServer, token: str) -> None:
    async with streaming.connected() as client:
        refused = await client.authenticate(token)
    assert (refused["type"], refused["code"], refused["field"]) == ("error", "not_authenticated", "token")


async def test_the_log_tells_who_authenticated_a_stream_and_from_where(streaming: StreamServer) -> None:
    """Hold 25: address, principal and outcome, and never the token."""
    logged: list[dict[str, Any]] = []

    def keep(_logger: object, _method: str, line: Any) -> Any:
        logged.append(dict(line))
        raise structlog.DropEvent

    ada = await streaming.customer("ada")
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    try:
        async with streaming.connected() as client:
            await client.request("subscribe", channel="account")
            await client.receive()
            await client.authenticate("evk_nonsense")
            await client.authenticate(str(ada.bearer))
    finally:
        structlog.reset_defaults()
    lines = [line for line in logged if line["event"] == "stream_login"]
    assert lines == [
        {"event": "stream_login", "outcome": "not_authenticated", "address": "127.0.0.1"},
        {"event": "stream_login", "caller": f"customer:{ada.customer}", "address": "127.0.0.1"},
    ]


async def test_a_connection_cannot_change_to_another_identity(streaming: StreamServer) -> None:
    ada, bob = await streaming.customer("ada"), await streaming.customer("bob")
    async with streaming.connected() as client:
        await client.authenticate(ada.bearer)
        assert (await client.authenticate(bob.bearer))["code"] == "identity_differs"
        assert (await client.authenticate(ada.bearer))["type"] == "authenticated"


async def test_a_revoked_key_ends_what_was_followed_with_it(streaming: StreamServer) -> None:
    identity = streaming.house.services.identity
    ada = await streaming.customer("ada")
    made = await identity.create_api_key(CONSOLE, role=Role.CUSTOMER, customer=ada.customer, name="lost")
    market = await streaming.market()
    async with streaming.connected() as client:
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        await client.receive()
        await client.authenticate(made.key)
        await client.request("subscribe", channel="account")
        await client.receive()
        await identity.revoke_api_key(CONSOLE, made.shown.id)
        ended = await client.receive()
        assert (ended["code"], ended["channel"], ended["id"]) == ("not_authenticated", "account", ada.id)
        await client.request("unsubscribe", channel="market", id=f"mkt_{market}")
        assert (await client.receive())["type"] == "unsubscribed"
        await client.request("subscribe", channel="account")
        assert (await client.receive())["code"] == "not_authenticated"


async def test_two_connections_of_one_customer_receive_the_same(streaming: StreamServer) -> None:
    market = await streaming.market()
    ada = await streaming.customer("ada")
    async with streaming.connected() as first, streaming.connected() as second:
        copies = [await _follow(client, ada) for client in (first, second)]
        await Trading(streaming, market, [id_of(ada)]).go_on(20)
        last = await streaming.deposit(id_of(ada), 100)
        await asyncio.gather(*(copy.follow(last) for copy in copies))
    assert copies[0].orders == copies[1].orders
    assert copies[0].balances == copies[1].balances
