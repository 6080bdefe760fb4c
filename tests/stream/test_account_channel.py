"""An account's channel: its owner's balances, orders and matches, all of them, and nobody else's."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from evens.core.commands.exchange import PlaceOrder, TurnInPlay
from evens.core.events.exchange import OrderPlaced
from evens.core.values.betting import Persistence, Side
from evens.identity.principal import CONSOLE, Role
from tests.edges.conftest import Caller
from tests.stream.client import AccountCopy, Client
from tests.stream.conftest import Arena
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio


async def _follow(client: Client, who: Caller) -> AccountCopy:
    answer = await client.tell_who(who.bearer)
    assert answer == {"type": "authenticated", "role": "customer", "user_id": who.id}
    await client.ask("subscribe", channel="account")
    copy = AccountCopy(client)
    copy.take(await client.hear())
    return copy


async def _open_orders(who: Caller) -> dict[str, dict[str, Any]]:
    answer = await who.get("/v1/exchange/orders", status="executable", limit=200)
    assert answer.json()["next"] is None
    return {order["id"]: order for order in answer.json()["items"]}


async def _balance(who: Caller) -> dict[str, str]:
    answer = (await who.get(f"/v1/users/{who.id}/balance", currency="USD")).json()
    return {name: answer[name] for name in ("currency", "cash", "escrow", "withdrawing", "total")}


@pytest.mark.parametrize("seed", range(3))
async def test_applying_what_is_told_gives_exactly_the_account(arena: Arena, seed: int) -> None:
    market = await arena.market()
    people = [await arena.customer(f"c{number}") for number in range(3)]
    ids = [who.customer or 0 for who in people]
    trading = Trading(arena, market, ids, seed)
    await trading.go_on(30)
    async with arena.listening() as first, arena.listening() as second, arena.listening() as third:
        copies = [await _follow(client, who) for client, who in zip((first, second, third), people, strict=True)]
        known = [dict(copy.orders) for copy in copies]
        await trading.go_on(100)
        await arena.book(TurnInPlay(market))
        await arena.rests(market)
        await trading.go_on(50)
        await arena.rests(market)
        for copy, who, before in zip(copies, people, known, strict=True):
            await copy.follow(await arena.deposit(who.customer or 0, 1))
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


async def test_an_order_that_waits_for_its_place_says_until_when(arena: Arena) -> None:
    market = await arena.market()
    ada = await arena.customer("ada")
    await arena.book(TurnInPlay(market))
    await arena.rests(market)
    async with arena.listening() as client:
        copy = await _follow(client, ada)
        order = PlaceOrder(ada.customer or 0, market, 1, Side.BACK, 300, 500, persistence=Persistence.PERSIST)
        placed = (await arena.book(order)).events
        number = next(f"ord_{event.order}" for event in placed if isinstance(event, OrderPlaced))
        while number not in copy.orders:
            copy.take(await client.hear())
        delayed = [copy.orders[number]["delayed_until"]]
        while copy.orders[number]["delayed_until"] is not None:
            copy.take(await client.hear())
    assert copy.orders[number]["status"] == "executable"
    assert len(delayed) == 1


async def test_what_others_do_is_not_heard(arena: Arena) -> None:
    market = await arena.market()
    ada, bob, carl = [await arena.customer(name) for name in ("ada", "bob", "carl")]
    async with arena.listening() as client:
        await _follow(client, carl)
        await Trading(arena, market, [ada.customer or 0, bob.customer or 0]).go_on(60)
        seq = await arena.deposit(carl.customer or 0, 100)
        told = await client.hear()
    assert told["seq"] == seq
    assert told.keys() == {"type", "channel", "id", "prev_seq", "seq", "balances"}
    assert [balance["cash"] for balance in told["balances"]] == ["10000001.00"]


async def test_nobody_follows_an_account_without_saying_who_they_are(arena: Arena) -> None:
    ada = await arena.customer("ada")
    async with arena.listening() as client:
        for fields in ({}, {"id": ada.id}, {"id": "me"}):
            await client.ask("subscribe", channel="account", **fields)
            assert (await client.hear())["code"] == "not_authenticated"


async def test_a_customer_follows_nobody_elses_account(arena: Arena) -> None:
    ada, bob = await arena.customer("ada"), await arena.customer("bob")
    async with arena.listening() as client:
        await client.tell_who(ada.bearer)
        for other in (bob.id, "usr_999999", "bob"):
            await client.ask("subscribe", channel="account", id=other)
            refused = await client.hear()
            assert (refused["type"], refused["code"], refused["id"]) == ("error", "forbidden", other)


async def test_an_operator_follows_anybodys_account(arena: Arena) -> None:
    ada, operator = await arena.customer("ada"), await arena.someone(Role.OPERATOR)
    async with arena.listening() as client:
        assert (await client.tell_who(operator.bearer))["user_id"] is None
        await client.ask("subscribe", channel="account", id=ada.id)
        copy = AccountCopy(client)
        copy.take(await client.hear())
        await copy.follow(await arena.deposit(ada.customer or 0, 100))
        assert copy.balances["USD"] == await _balance(ada)
        await client.ask("subscribe", channel="account")
        assert (await client.hear())["code"] == "customer_unknown"
        await client.ask("subscribe", channel="account", id="usr_999999")
        assert (await client.hear())["code"] == "customer_unknown"


@pytest.mark.parametrize("token", ["", "nonsense", "evk_unknown", "ÿ" * 3000])
async def test_credentials_that_are_not_ours_are_refused(arena: Arena, token: str) -> None:
    async with arena.listening() as client:
        refused = await client.tell_who(token)
    assert (refused["type"], refused["code"], refused["field"]) == ("error", "not_authenticated", "token")


async def test_a_connection_belongs_to_whoever_came_first(arena: Arena) -> None:
    ada, bob = await arena.customer("ada"), await arena.customer("bob")
    async with arena.listening() as client:
        await client.tell_who(ada.bearer)
        assert (await client.tell_who(bob.bearer))["code"] == "identity_differs"
        assert (await client.tell_who(ada.bearer))["type"] == "authenticated"


async def test_a_revoked_key_ends_what_was_followed_with_it(arena: Arena) -> None:
    identity = arena.house.services.identity
    ada = await arena.customer("ada")
    made = await identity.create_api_key(CONSOLE, role=Role.CUSTOMER, customer=ada.customer, name="lost")
    market = await arena.market()
    async with arena.listening() as client:
        await client.ask("subscribe", channel="market", id=f"mkt_{market}")
        await client.hear()
        await client.tell_who(made.key)
        await client.ask("subscribe", channel="account")
        await client.hear()
        await identity.revoke_api_key(CONSOLE, made.shown.id)
        ended = await client.hear()
        assert (ended["code"], ended["channel"], ended["id"]) == ("not_authenticated", "account", ada.id)
        await client.ask("unsubscribe", channel="market", id=f"mkt_{market}")
        assert (await client.hear())["type"] == "unsubscribed"
        await client.ask("subscribe", channel="account")
        assert (await client.hear())["code"] == "not_authenticated"


async def test_two_connections_of_one_customer_hear_the_same(arena: Arena) -> None:
    market = await arena.market()
    ada = await arena.customer("ada")
    async with arena.listening() as first, arena.listening() as second:
        copies = [await _follow(client, ada) for client in (first, second)]
        await Trading(arena, market, [ada.customer or 0]).go_on(20)
        last = await arena.deposit(ada.customer or 0, 100)
        await asyncio.gather(*(copy.follow(last) for copy in copies))
    assert copies[0].orders == copies[1].orders
    assert copies[0].balances == copies[1].balances
