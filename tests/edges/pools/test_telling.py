"""An operator tells a close where a pool asks for one, and nothing happens to a round before its time."""

import time
from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry

from evens.core.values.ids import PoolId
from evens.core.values.pool_running import PoolRunning, PriceSource, parse_running
from evens.feeds.rounds.calendar import calendar_of
from evens.feeds.rounds.metrics import OracleMetrics
from evens.feeds.rounds.oracle import open_oracle
from evens.feeds.rounds.verdicts import Decided, evidence
from evens.program.rounds import RecordedWords
from evens.store.pools.queries import PoolQueries
from tests.edges.conftest import Caller, Desk, OpenHouse
from tests.edges.pools.test_own_rounds import code_ahead, timed
from tests.edges.pools.window import CODE, PATH, bet, change, create, locked, open_round, refused, soon

pytestmark = pytest.mark.anyio

__all__ = ["timed"]

SOURCES = [{"name": "desk", "kind": "manual"}, {"name": "paper", "kind": "manual"}]
TOLD = {"price": "15003.25", "reason": "The exchange's own page."}
PRICE = f"{PATH}/rounds/{CODE}/price"


async def test_a_price_that_operators_tell_is_kept_and_counts_to_the_quorum(house: OpenHouse, operator: Caller) -> None:
    await create(operator, sources=SOURCES, quorum=2)
    await open_round(operator, **soon(0.3))
    assert await refused(operator, PRICE, {**TOLD, "source": "desk"}) == (409, "round_not_locked")
    await locked(operator)
    for wrong in ({"price": "0"}, {"price": "-1"}, {"price": "NaN"}, {"source": "moon"}, {}, {"reason": ""}):
        body = {**TOLD, "source": "desk", **wrong} if wrong else TOLD
        assert await refused(operator, PRICE, body) == (422, "validation_failed"), wrong
    for source, price in (("desk", "1"), ("paper", "15003.30"), ("desk", "15003.25")):
        answer = await operator.post(PRICE, {**TOLD, "price": price, "source": source})
        assert (answer.status_code, answer.json()["source"], answer.json()["price"]) == (201, source, price)
    running = PoolRunning(quorum=2, sources=tuple(PriceSource(each["name"], "manual") for each in SOURCES))
    # As after a start: nothing is in memory.
    reads = PoolQueries(house.database)
    (pool,) = [each.id for each in await reads.pools()]
    oracle = open_oracle(running, OracleMetrics(CollectorRegistry()).of("daily"), RecordedWords(reads, pool))
    session = calendar_of(running).session(CODE)
    # It is a word for this pool alone, however alike another one's sources are.
    assert await RecordedWords(reads, PoolId(pool + 1)).heard("desk", "IXIC", session) is None
    verdict = oracle.weigh(await oracle.hear("IXIC", session), None)
    assert isinstance(verdict, Decided)
    assert verdict.price == Decimal("15003.25")
    said = evidence(verdict, "IXIC", session, None)["sources"]
    assert [(each["price"], each["reason"]) for each in said] == [
        ("15003.25", TOLD["reason"]),
        ("15003.30", TOLD["reason"]),
    ]


async def test_a_price_can_be_told_only_where_it_is_asked_for_and_until_there_is_a_result(operator: Caller) -> None:
    await create(operator)
    await open_round(operator, **soon(0.3))
    await locked(operator)
    assert (await operator.post(PRICE, TOLD)).status_code == 201
    await change(operator, "settle", {"result": "up"})
    assert await refused(operator, PRICE, TOLD) == (409, "round_settled")
    assert await refused(operator, f"{PATH}/rounds/20000101/price", TOLD) == (404, "round_unknown")
    wire = [{"name": "web", "kind": "http_json", "url": "https://p.example", "price": "close", "date": "date"}]
    await create(operator, key="wired", sources=wire)
    await open_round(operator, pool="wired")
    path = f"/v1/pools/wired/rounds/{CODE}/price"
    assert await refused(operator, path, TOLD) == (422, "validation_failed")


async def test_a_price_is_told_by_command(operator: Caller, desk: Desk) -> None:
    await create(operator)
    await open_round(operator, **soon(0.3))
    await locked(operator)
    told = await desk.call("round", "price", CODE, "--price", "15003.25", "--reason", "seen")
    assert f"desk says 15003.25 for {CODE} of ndx-daily." in told.out, told


async def test_no_operator_locks_or_settles_a_round_before_its_time(timed: Caller, ada: Caller) -> None:
    await create(timed, calendar="every:60", sources=[{"name": "walk", "kind": "simulated", "seed": 7}])
    code = code_ahead(3)
    assert (await timed.post(f"{PATH}/rounds", {"code": code})).status_code == 201
    assert calendar_of(parse_running('{"calendar":"every:60"}')).session(code).locks_at > time.time_ns()
    await bet(ada, "up", "1.00")
    path = f"{PATH}/rounds/{code}"
    assert await refused(timed, f"{path}/lock") == (409, "round_not_due")
    for result in ("up", "auto"):
        assert await refused(timed, f"{path}/settle", {"result": result}) == (409, "round_not_due")
    assert (await change(timed, "void", {"reason": "closed"}, code))["result"] == "void"


@pytest.mark.parametrize(("currency", "least"), [("USD", "1.00"), ("USDC", "0.010000")])
async def test_a_pool_that_names_no_least_stake_has_one_that_rounding_does_not_eat(
    operator: Caller, currency: str, least: str
) -> None:
    made = await create(operator, currency=currency, min_stake=None)
    assert made["min_stake"] == least
