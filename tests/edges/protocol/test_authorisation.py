"""Who may do what: every route by every kind of caller. A route that is not in the table fails."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi.routing import APIRoute

from evens.core.commands.wallets import RequestWithdrawal
from evens.core.events.wallets import WithdrawalRequested
from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.protocol.console_routes import CONSOLE
from tests.edges.protocol.following_routes import COPYING, FOLLOWING
from tests.edges.sportsbook.counter import ONE, fund, publish

CALLERS: Final = ("nobody", "owner", "stranger", "service", "operator", "admin")
PUBLIC: Final = CALLERS
KNOWN: Final = CALLERS[1:]
DESK: Final = ("service", "operator", "admin")
OPERATORS: Final = ("operator", "admin")
OWNER_AND_DESK: Final = ("owner", *DESK)
PAY: Final = {"amount": "0.01", "currency": "USD"}

MARKET: Final = {"name": "Winner", "starts_at": "2026-11-20T19:30:00Z", "runners": [{"name": "Ann"}, {"name": "Bo"}]}
BET: Final = {"market_id": "{market}", "runner_id": "1", "side": "back", "odds": "2.00", "stake": "1.00"}
WAGER: Final = {"event_id": "{event}", "amount": "1.00", "user_id": "{owner}"}
EVENT: Final = {
    "title": "Ann v Bo",
    "deadline": "2099-01-01T00:00:00Z",
    "markets": [{"name": "Winner", "selections": [{"name": "Ann", "odds": "2.00"}]}],
}
POOL: Final = {"key": "ndx-daily", "name": "Nasdaq", "symbol": "IXIC", "currency": "USD"}
ROUND: Final = {"code": "1", "locks_at": "2099-01-01T00:00:00Z", "settles_at": "2099-01-01T00:05:00Z"}
STAKE: Final = {"side": "up", "amount": "1.00"}
DARE: Final = {"title": "Ann", "side": "back", "odds": "2.00", "stake": "1.00", "expires_at": "2099-01-01T00:00:00Z"}


@dataclass(frozen=True)
class Rule:
    """Who may call a route on something of the owner's. Others hear 401 or 403, or 404 if it is ``hidden``.

    What has to be ``signed`` answers everybody with 401, whoever they are.
    """

    route: str
    allowed: tuple[str, ...]
    body: Any = None
    hidden: bool = False
    signed: bool = False


RULES: Final = (
    Rule("GET /docs", PUBLIC),
    Rule("GET /docs/start.js", PUBLIC),
    Rule("GET /healthz", PUBLIC),
    Rule("GET /readyz", PUBLIC),
    Rule("GET /version", PUBLIC),
    Rule("GET /metrics", PUBLIC),
    Rule("POST /v1/auth/register", PUBLIC, {"email": "c@example.com", "username": "cleo", "password": "long enough"}),
    Rule("POST /v1/auth/login", PUBLIC, {"login": "owner", "password": "owner's password"}),
    Rule("POST /v1/auth/refresh", PUBLIC, {"refresh_token": ""}),
    Rule("POST /v1/auth/passkey/options", PUBLIC),
    # Nobody has got options here.
    Rule("POST /v1/auth/passkey", (), {"credential": {}}, signed=True),
    Rule("GET /v1/me/passkeys", KNOWN),
    Rule("POST /v1/me/passkeys/options", ("owner", "stranger")),
    Rule("POST /v1/me/passkeys", ("owner", "stranger"), {"credential": {}}),
    Rule("PATCH /v1/me/passkeys/{session}", ("owner", "stranger"), {"name": "phone"}),
    Rule("DELETE /v1/me/passkeys/{session}", ("owner", "stranger")),
    Rule("POST /v1/demo/enter", PUBLIC, {"as": "operator"}),
    Rule("GET /v1/config", PUBLIC),
    Rule("POST /v1/sportsbook/webhooks/line", (), {}, signed=True),
    Rule("GET /v1/me", KNOWN),
    Rule("GET /v1/auth/session", PUBLIC),
    Rule("POST /v1/api-keys", KNOWN, {"role": "customer"}),
    Rule("POST /v1/api-keys", OPERATORS, {"role": "operator"}),
    Rule("POST /v1/api-keys", ("admin",), {"role": "admin"}),
    Rule("POST /v1/api-keys", ("owner", *OPERATORS), {"role": "customer", "user_id": "{owner}"}),
    Rule("GET /v1/api-keys", KNOWN),
    Rule("DELETE /v1/api-keys/{key}", ("owner", *OPERATORS), hidden=True),
    Rule("POST /v1/users", OPERATORS, {"username": "dora"}),
    Rule("GET /v1/users", OPERATORS),
    Rule("GET /v1/users/{owner}", OWNER_AND_DESK),
    Rule("GET /v1/users/{owner}/balance", OWNER_AND_DESK),
    Rule("GET /v1/users/{owner}/wallets", OWNER_AND_DESK),
    Rule("GET /v1/users/{owner}/transactions", OWNER_AND_DESK),
    Rule("GET /v1/users/{owner}/statement.csv", OWNER_AND_DESK),
    Rule("GET /v1/me/limits", KNOWN),
    Rule("PUT /v1/me/limits", KNOWN, {"deposit": {"day": "5.00"}}),
    Rule("GET /v1/users/{owner}/limits", OWNER_AND_DESK),
    Rule("PUT /v1/users/{owner}/limits", ("owner", *OPERATORS), {"deposit": {"day": "5.00"}}),
    Rule("GET /v1/users/{owner}/tags", DESK),
    Rule("POST /v1/users/{owner}/tags", OPERATORS, {"tags": ["team"]}),
    Rule("GET /v1/me/self-exclusion", KNOWN),
    Rule("POST /v1/me/self-exclusion", KNOWN, {"until": "2000-01-01T00:00:00Z"}),
    Rule("GET /v1/users/{owner}/self-exclusion", OWNER_AND_DESK),
    Rule("POST /v1/users/{owner}/self-exclusion", ("owner", *OPERATORS), {"until": "2000-01-01T00:00:00Z"}),
    # Not the owner, whose session would end.
    Rule("POST /v1/users/{other}/freeze", OPERATORS),
    Rule("POST /v1/users/{other}/unfreeze", OPERATORS),
    Rule("GET /v1/me/preferences", KNOWN),
    Rule("PUT /v1/me/preferences", KNOWN, {"theme": "dark"}),
    Rule("GET /v1/leaderboard", PUBLIC),
    Rule("GET /v1/feed", PUBLIC),
    Rule("GET /v1/profiles/{owner}", PUBLIC),
    Rule("GET /v1/me/profile", KNOWN),
    Rule("PATCH /v1/me/profile", KNOWN, {"listed": True}),
    *[Rule(route, allowed, body, hidden) for route, allowed, body, hidden in FOLLOWING],
    Rule("GET /v1/me/favourites", KNOWN),
    Rule("PUT /v1/me/favourites/{kind}/{market}", KNOWN),
    Rule("DELETE /v1/me/favourites/{kind}/{market}", KNOWN),
    Rule("GET /v1/notifications", KNOWN),
    Rule("POST /v1/notifications/read", KNOWN, {"up_to": "2026-11-20T09:30:00Z"}),
    Rule("GET /v1/me/sessions", KNOWN),
    Rule("DELETE /v1/me/sessions/{session}", KNOWN),
    Rule("POST /v1/auth/password", KNOWN, {"current": "wrong", "new": "another horse"}),
    Rule("POST /v1/auth/reset", PUBLIC, {"token": "", "new": "another horse"}),
    Rule("POST /v1/users/{owner}/reset-token", OPERATORS),
    Rule("GET /v1/me/totp", KNOWN),
    # Only sessions of people with an account have a second factor.
    Rule("POST /v1/me/totp", ("owner", "stranger")),
    Rule("POST /v1/me/totp/confirm", KNOWN, {"code": ""}),
    Rule("DELETE /v1/me/totp", ("owner", "stranger")),
    Rule("DELETE /v1/users/{owner}/totp", OPERATORS),
    Rule("PUT /v1/users/{other}/role", ("admin",), {"role": "customer"}),
    Rule("POST /v1/deposits", DESK, {**PAY, "user_id": "{owner}"}),
    Rule("POST /v1/withdrawals", OWNER_AND_DESK, {**PAY, "user_id": "{owner}"}),
    Rule("POST /v1/withdrawals", DESK, {**PAY, "user_id": "{owner}", "effective_at": "2020-01-01T00:00:00Z"}),
    Rule("GET /v1/withdrawals", DESK),
    Rule("GET /v1/withdrawals/{withdrawal}", OWNER_AND_DESK, hidden=True),
    Rule("GET /v1/users/{owner}/withdrawals", OWNER_AND_DESK),
    Rule("POST /v1/withdrawals/{withdrawal}/complete", DESK),
    Rule("POST /v1/transactions/{transaction}/reverse", OPERATORS, {"reason": "mistake"}),
    Rule("POST /v1/withdrawals/{withdrawal}/reject", DESK),
    Rule("POST /v1/transfers", ("owner", *OPERATORS), {**PAY, "from_user_id": "{owner}", "to_user_id": "{stranger}"}),
    Rule(
        "POST /v1/transfers/batch",
        ("owner", *OPERATORS),
        {"transfers": [{**PAY, "from_user_id": "{owner}", "to_user_id": "{stranger}"}], "atomic": True},
    ),
    Rule("GET /v1/transactions/{transaction}", OWNER_AND_DESK),
    Rule("POST /v1/imports", DESK, {"rows": [{"account": "x", "kind": "deposit", "amount": "1", "reference": "r"}]}),
    Rule("POST /v1/webhooks", OPERATORS, {"url": "http://127.0.0.1:9/", "topics": ["account.funded"]}),
    Rule("GET /v1/webhooks", OPERATORS),
    Rule("GET /v1/webhooks/{webhook}", OPERATORS),
    Rule("DELETE /v1/webhooks/{webhook}", OPERATORS),
    Rule("GET /v1/webhooks/{webhook}/deliveries", OPERATORS),
    Rule("POST /v1/webhooks/{webhook}/test", OPERATORS),
    Rule("POST /v1/exchange/markets", OPERATORS, MARKET),
    Rule("GET /v1/exchange/markets", PUBLIC),
    Rule("GET /v1/exchange/markets/{market}", PUBLIC),
    Rule("GET /v1/exchange/markets/{market}/book", PUBLIC),
    Rule("GET /v1/exchange/markets/{market}/trades", PUBLIC),
    Rule("GET /v1/exchange/markets/{market}/traded", PUBLIC),
    Rule("GET /v1/exchange/markets/{market}/candles?runner=1&interval=1m", PUBLIC),
    Rule("POST /v1/exchange/orders", ("owner", *OPERATORS), {**BET, "user_id": "{owner}"}),
    Rule("POST /v1/exchange/orders/batch", ("owner", *OPERATORS), {"orders": [{**BET, "user_id": "{owner}"}]}),
    Rule("GET /v1/exchange/orders?user_id={owner}", OWNER_AND_DESK),
    Rule("GET /v1/exchange/orders/{order}", OWNER_AND_DESK, hidden=True),
    Rule("GET /v1/exchange/matches?user_id={owner}", OWNER_AND_DESK),
    Rule("GET /v1/exchange/matches?order_id={order}", OWNER_AND_DESK, hidden=True),
    Rule("GET /v1/exchange/matches?market_id={market}", KNOWN),
    Rule("PUT /v1/exchange/orders/{order}", ("owner", *OPERATORS), {"odds": "3.00"}, hidden=True),
    Rule("PUT /v1/exchange/orders/{order}", ("owner", *OPERATORS), {"stake": "3.00"}, hidden=True),
    Rule("DELETE /v1/exchange/orders/{order}?reduce_by=0.01", ("owner", *OPERATORS), hidden=True),
    Rule("DELETE /v1/exchange/orders/{order}", ("owner", *OPERATORS), hidden=True),
    Rule("POST /v1/exchange/orders/cancel", ("owner", *OPERATORS), {"user_id": "{owner}"}),
    Rule("GET /v1/exchange/positions?user_id={owner}", OWNER_AND_DESK),
    Rule("PUT /v1/users/{owner}/commission-discount", OPERATORS, {"discount_bps": 0}),
    Rule("GET /v1/receivables", OPERATORS),
    Rule("GET /v1/commission-discounts", OPERATORS),
    Rule("GET /v1/users/{owner}/commission-discount", OWNER_AND_DESK),
    Rule("GET /v1/exchange/markets/{market}/orders", OPERATORS),
    Rule("GET /v1/exchange/markets/{market}/positions", OPERATORS),
    Rule("GET /v1/exchange/markets/{market}/payouts", OPERATORS),
    Rule("POST /v1/exchange/markets/{market}/suspend", OPERATORS),
    Rule("POST /v1/exchange/markets/{market}/resume", OPERATORS),
    Rule("POST /v1/exchange/markets/{market}/in-play", OPERATORS),
    Rule("POST /v1/exchange/markets/{market}/runners/1/remove", OPERATORS, {"reduction_bps": 0}),
    Rule("POST /v1/exchange/markets/{market}/runners/1/reinstate", OPERATORS),
    Rule("POST /v1/exchange/markets/{market}/close", OPERATORS),
    Rule("POST /v1/exchange/markets/{market}/settle", OPERATORS, {"winners": ["1"]}),
    Rule("POST /v1/exchange/markets/{market}/void", OPERATORS),
    Rule("POST /v1/challenges", ("owner", *OPERATORS), {**DARE, "resolver": "stranger", "user_id": "{owner}"}),
    Rule("GET /v1/challenges?user_id={owner}", OWNER_AND_DESK),
    Rule("GET /v1/challenges?public=true", PUBLIC),
    Rule("GET /v1/challenges?disputed=true", OPERATORS),
    Rule("GET /v1/challenges/{challenge}", PUBLIC),
    Rule("POST /v1/challenges/{challenge}/accept", ("owner", *OPERATORS), {"user_id": "{owner}"}),
    Rule("POST /v1/challenges/{challenge}/cancel", ("owner", *OPERATORS), {"user_id": "{owner}"}),
    Rule("POST /v1/challenges/{challenge}/resolve", ("owner", *OPERATORS), {"outcome": "won", "user_id": "{owner}"}),
    Rule("POST /v1/challenges/{challenge}/dispute", ("owner", *OPERATORS), {"user_id": "{owner}"}),
    Rule("POST /v1/challenges/{challenge}/rule", OPERATORS, {"outcome": "won"}),
    Rule("POST /v1/house/deposits", ("admin",), PAY),
    Rule("POST /v1/house/withdrawals", ("admin",), PAY),
    Rule("GET /v1/house/balances", OPERATORS),
    Rule("GET /v1/sportsbook/events", PUBLIC),
    Rule("GET /v1/sportsbook/events/{event}", PUBLIC),
    Rule("POST /v1/sportsbook/events", OPERATORS, EVENT),
    Rule("PATCH /v1/sportsbook/events/{event}", OPERATORS, {"title": "Ann v Bo"}),
    Rule("GET /v1/sportsbook/sports", PUBLIC),
    Rule("POST /v1/sportsbook/bets", ("owner", *OPERATORS), WAGER),
    Rule("GET /v1/sportsbook/bets?user_id={owner}", OWNER_AND_DESK),
    Rule("GET /v1/sportsbook/bets/{bet}", OWNER_AND_DESK, hidden=True),
    Rule("GET /v1/sportsbook/bets/{bet}/cash-out", OWNER_AND_DESK, hidden=True),
    Rule("POST /v1/sportsbook/bets/{bet}/cash-out", ("owner", *OPERATORS), {"quote_id": "MS4x"}, hidden=True),
    Rule("POST /v1/sportsbook/bets/{bet}/void", OPERATORS),
    Rule("POST /v1/sportsbook/events/{event}/suspend", OPERATORS),
    Rule("POST /v1/sportsbook/events/{event}/resume", OPERATORS),
    Rule("POST /v1/sportsbook/events/{event}/settle", OPERATORS, {"results": [{"selection": "win", "result": "won"}]}),
    Rule("POST /v1/sportsbook/events/{event}/void", OPERATORS),
    Rule("POST /v1/sportsbook/events/{event}/rollback", OPERATORS, {}),
    Rule("POST /v1/sportsbook/events/{event}/cancel", OPERATORS, {"from": "2026-11-20T19:30:00Z"}),
    Rule("POST /v1/sportsbook/events/{event}/remove", OPERATORS, {"selection": "win"}),
    Rule("GET /v1/sportsbook/conflicts", OPERATORS),
    Rule("POST /v1/sportsbook/conflicts/close", OPERATORS, {"event_id": "{event}"}),
    Rule("GET /v1/sportsbook/exposure", OPERATORS),
    Rule("GET /v1/sportsbook/limits", OPERATORS),
    Rule("PUT /v1/sportsbook/limits", OPERATORS, {}),
    Rule("GET /v1/users/{owner}/stake-factor", OPERATORS),
    Rule("PUT /v1/users/{owner}/stake-factor", OPERATORS, {"percent": 100}),
    Rule("POST /v1/pools", OPERATORS, POOL),
    Rule("GET /v1/pools", PUBLIC),
    Rule("GET /v1/pools/rounds", PUBLIC),
    Rule("GET /v1/pools/{pool}", PUBLIC),
    Rule("PATCH /v1/pools/{pool}", OPERATORS, {"fee_bps": 200}),
    Rule("POST /v1/pools/{pool}/stop", OPERATORS),
    Rule("POST /v1/pools/{pool}/resume", OPERATORS),
    Rule("POST /v1/pools/{pool}/rounds", OPERATORS, {"code": "0"}),
    Rule("GET /v1/pools/{pool}/rounds", PUBLIC),
    Rule("GET /v1/pools/{pool}/rounds/current", PUBLIC),
    Rule("GET /v1/pools/{pool}/rounds/{code}", PUBLIC),
    Rule("GET /v1/pools/{pool}/rounds/{code}/quote?side=up&amount=1.00", PUBLIC),
    Rule("GET /v1/pools/{pool}/rounds/{code}/proof", PUBLIC),
    Rule("POST /v1/pools/{pool}/bets", ("owner", *OPERATORS), {**STAKE, "user_id": "{owner}"}),
    Rule("GET /v1/pools/bets?user_id={owner}", OWNER_AND_DESK),
    Rule("GET /v1/pools/bets?pool={pool}&round={code}", KNOWN),
    Rule("GET /v1/pools/bets/{pool_bet}", OWNER_AND_DESK, hidden=True),
    Rule("POST /v1/pools/{pool}/rounds/{code}/lock", OPERATORS),
    Rule("POST /v1/pools/{pool}/rounds/{code}/price", OPERATORS, {"price": "1.5", "reason": "seen"}),
    Rule("POST /v1/pools/{pool}/rounds/{code}/settle", OPERATORS, {"result": "up"}),
    Rule("POST /v1/pools/{pool}/rounds/{code}/correct", OPERATORS, {"result": "down"}),
    Rule("POST /v1/pools/{pool}/rounds/{code}/void", OPERATORS, {"reason": "no price"}),
    Rule("POST /v1/chain/wallet", OWNER_AND_DESK, {"user_id": "{owner}"}),
    Rule("GET /v1/chain/deposits?user_id={owner}", OWNER_AND_DESK),
    Rule("GET /v1/chain/withdrawals?user_id={owner}", OWNER_AND_DESK),
    Rule("POST /v1/simulate/deposits", DESK, {"user_id": "{owner}", "amount": "1", "tx_hash": "0x1"}),
    Rule("POST /v1/withdrawals/{withdrawal}/approve", OPERATORS),
    # This is no demo.
    Rule("POST /v1/demo/deposits", (), PAY, hidden=True),
    *[Rule(route, OPERATORS, body) for route, body in CONSOLE],
    Rule("GET /v1/tvl", KNOWN),
    Rule("GET /v1/outcomes/{idempotency_key}", KNOWN),
    # Keys have no session to log out of.
    Rule("POST /v1/auth/logout", ("owner", "stranger")),
)


def routes_of(house: OpenHouse) -> Iterator[str]:
    for route in house.app.routes:
        if isinstance(route, APIRoute):
            yield from (f"{method} {route.path_format}" for method in route.methods or ())


def shape(route: str) -> str:
    """Return the route without a query, and with every parameter under the same name; a runner is called by a digit."""
    path = route.partition("?")[0]
    return "/".join("{}" if part.startswith("{") or part.isdigit() else part for part in path.split("/"))


async def test_every_route_is_in_the_table(house: OpenHouse) -> None:
    served = {shape(route) for route in routes_of(house)}
    assert served <= {shape(rule.route) for rule in RULES}
    assert len(served) > 35
    others = {getattr(route, "path", "") for route in house.app.routes if not isinstance(route, APIRoute)}
    assert others == {"/openapi.json", "/docs/assets"}


async def test_every_route_lets_in_whom_the_table_names(house: OpenHouse) -> None:
    callers = await gather_callers(house)
    things = await gather_things(house, callers)
    wrong: list[str] = []
    for rule in RULES:
        for name, caller in callers.items():
            expected = expect(rule, name)
            method, path = fill(rule.route, things).split(" ")
            body = json.loads(fill(json.dumps(rule.body), things))
            answer = await ask(caller, method, path, body)
            is_let_in = answer.status_code not in {401, 403}
            if not (is_let_in if expected is None else answer.status_code == expected):
                wrong.append(f"{rule.route} {rule.body or ''} by {name}: {answer.status_code}, not {expected}")
    assert wrong == []


def expect(rule: Rule, caller: str) -> int | None:
    """Return the status a caller must hear, ``None`` for anything but a refusal of access."""
    if caller in rule.allowed:
        return None
    if caller == "nobody" or rule.signed:
        return 401
    return 404 if rule.hidden else 403


async def gather_callers(house: OpenHouse) -> dict[str, Caller]:
    return {
        "nobody": house.nobody,
        "owner": await house.user("owner", "owner's password"),
        "stranger": await house.user("stranger", "stranger's password"),
        "service": await house.someone(Role.SERVICE, "billing"),
        "operator": await house.someone(Role.OPERATOR, "desk"),
        "admin": await house.someone(Role.ADMIN, "root"),
    }


async def gather_things(house: OpenHouse, callers: dict[str, Caller]) -> dict[str, str]:
    owner, operator = callers["owner"], callers["operator"]
    assert owner.customer is not None
    deposit = await operator.post("/v1/deposits", {"user_id": owner.id, "amount": "100", "currency": "USD"})
    requested = await house.stage.submit(RequestWithdrawal(owner.customer, "USD", 1))
    (withdrawal,) = [event for event in requested.events if isinstance(event, WithdrawalRequested)]
    key = await owner.post("/v1/api-keys", {"role": "customer"})
    webhook = await operator.post("/v1/webhooks", {"url": "http://127.0.0.1:9/", "topics": ["account.funded"]})
    market = (await operator.post("/v1/exchange/markets", MARKET)).json()["id"]
    order = await owner.post("/v1/exchange/orders", {**BET, "market_id": market})
    await fund(house)
    await publish(house, "evt", ONE)
    bet = await owner.post("/v1/sportsbook/bets", {"event_id": "evt", "amount": "1.00"})
    await operator.post("/v1/pools", POOL)
    await operator.post("/v1/pools/ndx-daily/rounds", ROUND)
    pool_bet = await owner.post("/v1/pools/ndx-daily/bets", STAKE)
    third = await house.someone(Role.OPERATOR, "third")
    reversal = {"what": "reverse_transaction", "id": deposit.json()["id"], "body": {"reason": "x"}}
    approval = await third.post("/v1/approvals", {"request": reversal, "reason": "x"})
    challenge = await owner.post("/v1/challenges", {**DARE, "resolver": "stranger"})
    other = await house.user("other", "other's password")
    await other.patch("/v1/me/profile", {"copyable": True})
    follow = await owner.post("/v1/follows", COPYING)
    return {
        "owner": owner.id,
        "stranger": callers["stranger"].id,
        "other": other.id,
        "follow": follow.json()["id"],
        "transaction": deposit.json()["id"],
        "withdrawal": f"txn_{withdrawal.withdrawal}",
        "key": key.json()["id"],
        "webhook": webhook.json()["id"],
        "approval": approval.json()["id"],
        "account": "house.USD.fees",
        "seq": "1",
        "kind": "market",
        "note": "1",
        "market": market,
        "order": order.json()["id"],
        "challenge": challenge.json()["token"],
        "event": "evt",
        "bet": bet.json()["id"],
        "pool": "ndx-daily",
        "code": "1",
        "pool_bet": pool_bet.json()["id"],
        "idempotency_key": "k",
        "session": f"ses_{0:032}",
    }


def fill(text: str, things: dict[str, str]) -> str:
    """Return a text with the names of things in braces replaced by the things."""
    for name, thing in things.items():
        text = text.replace(f"{{{name}}}", thing)
    return text


async def ask(caller: Caller, method: str, path: str, body: Any) -> Any:
    if method in {"POST", "PUT", "PATCH"}:
        return await {"POST": caller.post, "PUT": caller.put, "PATCH": caller.patch}[method](path, body)
    return await (caller.delete if method == "DELETE" else caller.get)(path)
