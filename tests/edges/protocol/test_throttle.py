"""A bucket of requests for each caller: who fills whose, and when there is room again."""

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.ids import CustomerId
from evens.edges.http.app import create_app
from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.throttle import CallerThrottle, Throttle
from evens.edges.http.protocol.window_counts import WindowCounts
from evens.edges.http.services import HttpSettings
from evens.identity.keys import InstallationKeys
from evens.identity.networks import network_of
from evens.identity.principal import Principal, Role
from evens.identity.service import Identity
from evens.settings import Settings
from evens.store.identity import IdentityTables
from evens.store.identity.api_keys import ApiKeyRow
from tests.edges.conftest import Caller, OpenHouse, talking_to


class Clock:
    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


def takes(throttle: Throttle, key: str) -> int:
    """Return 0 if a request is let through, else how many seconds to wait."""
    try:
        throttle.check(key)
    except Refused as refused:
        return int((refused.headers or {})["Retry-After"])
    return 0


async def test_each_caller_has_a_bucket_of_their_own(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    """Hold 7: a request bucket per customer, API key and address."""
    operator = await house.someone(Role.OPERATOR, "desk")
    services = replace(house.services, throttle=CallerThrottle(3, 5))
    async with talking_to(create_app(services)) as http:

        async def ask(caller: Caller, times: int, path: str = "/v1/me") -> list[int]:
            return [(await Caller(http, caller.bearer).get(path)).status_code for _ in range(times)]

        assert await ask(ada, 4) == [200, 200, 200, 429]
        assert await ask(bob, 4) == [200, 200, 200, 429]
        assert await ask(operator, 6) == [200] * 5 + [429]
        assert await ask(house.nobody, 4, "/v1/nowhere") == [404, 404, 404, 429]
        refused = await Caller(http, ada.bearer).get("/v1/me")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "rate_limited"
        assert refused.json()["detail"].startswith("Too many requests from you: at most 3 a minute; try again in ")
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        # Whoever watches over the server is never refused.
        for path in ("/healthz", "/readyz", "/metrics"):
            assert await ask(house.nobody, 1, path) == [200]


async def test_each_order_counts_where_sets_are_searched_for(house: OpenHouse, ada: Caller) -> None:
    operator = await house.someone(Role.OPERATOR, "desk")
    runners = [{"name": name} for name in ("A", "B", "C")]
    body = {"name": "Sets", "runners": runners, "starts_at": "2030-01-01T12:00:00Z"}
    made = [
        (await operator.post("/v1/exchange/markets", body | {"cross_matching": crossing})).json()["id"]
        for crossing in (False, True)
    ]
    services = replace(house.services, throttle=CallerThrottle(6, 100))
    async with talking_to(create_app(services)) as http:
        told: list[int] = []
        for market in made:
            order = {"market_id": market, "runner_id": "1", "side": "back", "odds": "2.0", "stake": "5.00"}
            for _ in range(2):
                response = await Caller(http, ada.bearer).post("/v1/exchange/orders/batch", {"orders": 4 * [order]})
                told.append(response.status_code)
        # One, one, four, and no room for four more.
        assert told == [200, 200, 200, 429]


async def test_wrong_credentials_count_against_the_address_they_come_from(house: OpenHouse, ada: Caller) -> None:
    """Hold 7: guessing keys fills the guesser's bucket, and not that of who has the right one."""
    async with talking_to(create_app(replace(house.services, throttle=CallerThrottle(3, 5)))) as http:
        guesses = [(await Caller(http, f"evk_{guess}").get("/v1/me")).status_code for guess in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        assert (await Caller(http, ada.bearer).get("/v1/me")).status_code == 200


PUBLIC = (
    ("POST", "/v1/auth/login", {"login": "x", "password": "x"}, 401),
    ("POST", "/v1/auth/register", {"username": "x"}, 422),
    ("POST", "/v1/auth/refresh", {"refresh_token": "x"}, 401),
    ("POST", "/v1/auth/reset", {"token": "x", "new": "x"}, 401),
    ("POST", "/v1/transfers", b"{", 400),
    ("GET", "/v1/challenges/x", None, 404),
    ("GET", "/docs", None, 200),
    ("GET", "/nowhere", None, 404),
    ("DELETE", "/v1/auth/login", None, 405),
)


@pytest.mark.parametrize(("method", "path", "body", "status"), PUBLIC)
@pytest.mark.parametrize(
    "authorization", ["x", "Basic eDp4", "Bearer", "Bearer x", f"Bearer evk_{'a' * 16}_{'b' * 52}"]
)
async def test_no_header_gets_a_request_past_the_bucket_of_its_address(
    house: OpenHouse, method: str, path: str, body: object, status: int, authorization: str
) -> None:
    """Whatever is sent as a credential, a request counts by its address unless it proved to be one."""
    async with talking_to(create_app(replace(house.services, throttle=CallerThrottle(3, 5)))) as http:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        asked = [(await http.request(method, path, content=content, headers=headers)).status_code for _ in range(4)]
        assert asked == [status] * 3 + [429]
        without = await http.request(method, path, content=content)
        assert (without.status_code, without.json()["code"]) == (429, "rate_limited")


async def test_whoever_is_known_is_counted_once_wherever_they_ask(house: OpenHouse, ada: Caller) -> None:
    user = await house.user("bea", "correct horse")
    async with talking_to(create_app(replace(house.services, throttle=CallerThrottle(4, 9)))) as http:
        for caller in (ada, user):
            headers = {"Authorization": f"Bearer {caller.bearer}"}
            paths = ("/v1/me", "/nowhere", "/docs", "/v1/challenges/x", "/v1/me", "/docs")
            asked = [(await http.get(path, headers=headers)).status_code for path in paths]
            assert asked == [200, 404, 200, 404, 429, 429]
        # None of it was counted by address.
        assert [(await http.get("/nowhere")).status_code for _ in range(5)] == [404] * 4 + [429]


async def test_a_key_that_was_not_made_here_is_counted_before_it_is_looked_up(
    house: OpenHouse, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[bytes] = []
    find = IdentityTables.find_api_key

    async def note(tables: IdentityTables, key_hash: bytes) -> ApiKeyRow | None:
        looked_up.append(key_hash)
        return await find(tables, key_hash)

    monkeypatch.setattr(IdentityTables, "find_api_key", note)
    async with talking_to(create_app(replace(house.services, throttle=CallerThrottle(3, 5)))) as http:
        guesses = [
            (await Caller(http, f"evk_{'a' * 16}_{'b' * 51}{digit}").get("/v1/me")).status_code for digit in "abcdef"
        ]
        assert guesses == [401] * 3 + [429] * 3
        assert len(looked_up) == 3
        # A genuine one is told from a guess without asking, even where the guesses came from.
        assert (await Caller(http, ada.bearer).get("/v1/me")).status_code == 200


async def test_a_key_that_outlived_its_secret_is_not_counted_by_address(house: OpenHouse, ada: Caller) -> None:
    assert ada.bearer is not None
    later = Identity(IdentityTables(house.database), InstallationKeys(bytes(31) + b"1"))
    assert not later.recognises(ada.bearer)
    services = replace(house.services, identity=later, throttle=CallerThrottle(3, 5))
    async with talking_to(create_app(services)) as http:
        assert [(await Caller(http, ada.bearer).get("/v1/me")).status_code for _ in range(4)] == [200] * 3 + [429]
        assert [(await http.get("/nowhere")).status_code for _ in range(4)] == [404] * 3 + [429]
    later.close()


async def test_several_keys_of_one_customer_share_a_bucket(house: OpenHouse, ada: Caller) -> None:
    made = (await ada.post("/v1/api-keys", {"role": "customer"})).json()["key"]
    async with talking_to(create_app(replace(house.services, throttle=CallerThrottle(2, 5)))) as http:
        statuses = [(await Caller(http, bearer).get("/v1/me")).status_code for bearer in (ada.bearer, made, made)]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_of_ipv6_is_counted_by_its_network(address: str, network: str) -> None:
    """Hold 7: one client has a whole /64."""
    assert network_of(address) == network


def test_a_client_that_has_no_address_is_counted_with_its_like() -> None:
    assert client_address({}) == client_address({"client": None}) == "unknown"
    assert client_address({"client": ("192.0.2.7", 1)}) == "192.0.2.7"


def test_addresses_of_one_network_share_a_bucket() -> None:
    throttle = CallerThrottle(1, 1)
    throttle.check_address("2001:db8::1")
    throttle.check_address("2001:db8:0:1::1")
    with pytest.raises(Refused):
        throttle.check_address("2001:db8::2")


def test_what_nobody_can_do_by_hand_is_no_flood() -> None:
    """Hold 7: generous where nothing is chosen; bots at a hundred requests a second are let be."""
    settings, usual = Settings(), HttpSettings()
    assert (settings.requests_per_minute, settings.service_requests_per_minute) == (6_000, 1_000_000)
    assert (usual.requests_per_minute, usual.service_requests_per_minute) == (6_000, 1_000_000)


@pytest.mark.parametrize(("asked", "counted"), [(1, 7), (5, 7), (9, 10), (200, 3)])
def test_what_is_worth_several_is_let_through_once_there_is_room(asked: int, counted: int) -> None:
    clock = Clock()
    throttle = Throttle("Too many", 10, clock)
    throttle.check("ann", counted)
    wait_s = 0
    try:
        throttle.check("ann", asked)
    except Refused as refused:
        wait_s = int((refused.headers or {})["Retry-After"])
        clock.now += wait_s
        throttle.check("ann", asked)
    assert (wait_s > 0) is (min(counted, 9) + min(asked, 9) > 10)


def test_a_limit_of_zero_is_none() -> None:
    throttle = CallerThrottle(0, 0)
    for _ in range(10_000):
        throttle.check(Principal(Role.CUSTOMER, CustomerId(1), "ada"))
        throttle.check_address("192.0.2.7")


def test_there_is_room_again_when_it_was_said() -> None:
    clock = Clock()
    throttle = Throttle("Too many", 10, clock)
    assert [takes(throttle, "a") for _ in range(10)] == [0] * 10
    wait_s = takes(throttle, "a")
    clock.now += wait_s - 1.1
    assert takes(throttle, "a") > 0
    clock.now += 1.1
    assert takes(throttle, "a") == 0
    assert takes(throttle, "b") == 0


@given(st.lists(st.tuples(st.floats(0, 40), st.integers(1, 30)), max_size=20), st.integers(1, 20))
def test_whoever_waits_as_told_is_let_through(steps: list[tuple[float, int]], per_minute: int) -> None:
    clock = Clock()
    throttle = Throttle("Too many", per_minute, clock)
    for pause_s, requests in steps:
        clock.now += pause_s
        for _ in range(requests):
            wait_s = takes(throttle, "a")
            if wait_s:
                assert wait_s <= 120
                clock.now += wait_s
                assert takes(throttle, "a") == 0


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5))
def test_in_no_window_of_a_minute_are_there_twice_as_many_as_allowed(pauses: list[float], per_minute: int) -> None:
    clock = Clock()
    throttle = Throttle("Too many", per_minute, clock)
    let_through: list[float] = []
    for pause_s in pauses:
        clock.now += pause_s
        if not takes(throttle, "a"):
            let_through.append(clock.now)
    for began in let_through:
        assert len([at for at in let_through if began <= at < began + 60]) < 2 * per_minute + 1


def test_so_many_callers_that_they_cannot_be_told_apart_share_a_count() -> None:
    """Hold 7: a flood from everywhere fills no memory, and those who were there before keep their own count."""
    clock = Clock()
    counts = WindowCounts(clock, keys_max=3)
    for key in ("a", "b", "c", "d", "e"):
        counts.incr(key, 60)
    assert [counts.get(key) for key in ("a", "c", "d", "z")] == [1, 1, 2, 2]
    clock.now += 120
    counts.incr("z", 60)
    assert (counts.get("z"), counts.get("a")) == (1, 0)


def test_counting_costs_little() -> None:
    """Hold 7: no figure of the bench may be worse for it."""
    throttle, principal = CallerThrottle(6_000, 10**9), Principal(Role.OPERATOR, None, "desk")
    best = min(_seconds(lambda: throttle.check(principal)) for _ in range(5))
    assert best < 0.05


def _seconds(work: object, times: int = 1_000) -> float:
    assert callable(work)
    started = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - started
