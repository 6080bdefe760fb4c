"""How the house is: alive, ready, its version, its metrics, and what it holds."""

import asyncio
import dataclasses
import re

import asyncpg
import pytest
from structlog.testing import capture_logs

import evens
from evens.core.commands.wallets import Transfer
from evens.core.values.ids import AccountClass
from evens.edges.http.app import create_app
from evens.edges.http.operator import totals as totals_module
from evens.edges.http.operator.readiness import ReadinessProbe
from evens.edges.http.operator.totals import AGE_S_MAX, LiveTotals, RecentTotals
from evens.identity.principal import Role
from evens.store.errors import StoreUnavailable
from evens.store.wallets.queries import Queries
from tests.conftest import Dsns
from tests.edges.conftest import Caller, OpenHouse, talking_to


class CountingQueries(Queries):
    """Counts how often the totals are asked for."""

    asked = 0

    async def totals(self) -> dict[tuple[int, AccountClass], int]:
        self.asked += 1
        return await super().totals()

    async def totals_at(self) -> tuple[int, dict[tuple[int, AccountClass], int]]:
        self.asked += 1
        return await super().totals_at()


async def disturb(owner_dsn: str, sql: str) -> None:
    """Do what only the owner of the tables can."""
    connection = await asyncpg.connect(owner_dsn)
    await connection.execute(sql)
    await connection.close()


async def scrape(house: OpenHouse) -> dict[str, float]:
    answer = await house.nobody.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_the_house_is_alive_and_ready(house: OpenHouse) -> None:
    assert (await house.nobody.get("/healthz")).json() == {"status": "ok"}
    ready = await house.nobody.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    names = {check["name"] for check in ready.json()["checks"]}
    assert names == {"database", "migrations", "ledger", "sequencer", "clock"}


async def test_what_a_part_tells_of_itself_turns_nobody_away(house: OpenHouse) -> None:
    services = house.services
    probe = ReadinessProbe(
        services.wallets.queries,
        RecentTotals(services.wallets.queries),
        services.gateway,
        lambda: None,
        {"pools": lambda: "ndx-daily: overdue: settle 20261126.", "chain": lambda: None},
    )
    told = {check.name: check for check in await probe()}
    assert "chain" not in told
    assert (told["pools"].ok, told["pools"].detail) == (True, "ndx-daily: overdue: settle 20261126.")


async def test_unbalanced_books_are_not_ready(house: OpenHouse, dsns: Dsns) -> None:
    await house.customer("eve", USD=100)
    await disturb(dsns.owner, "UPDATE evens.balances SET balance = balance + 1 WHERE account & 15 = 0")
    ready = await house.nobody.get("/readyz")
    assert ready.status_code == 503
    (wrong,) = [check for check in ready.json()["checks"] if not check["ok"]]
    assert wrong["name"] == "ledger"
    assert "evens audit" in wrong["detail"]


async def test_a_schema_of_another_version_is_not_ready(house: OpenHouse, dsns: Dsns) -> None:
    await disturb(dsns.owner, "INSERT INTO evens.migrations (number, name, checksum) VALUES (9999, 'newer', '')")
    ready = await house.nobody.get("/readyz")
    assert ready.status_code == 503
    assert [check["name"] for check in ready.json()["checks"] if not check["ok"]] == ["migrations"]


async def test_the_version_is_told(house: OpenHouse) -> None:
    told = (await house.nobody.get("/version")).json()
    assert told["version"] == evens.__version__
    assert re.fullmatch(r"3\.\d+\.\d+.*", told["python"])
    assert told["schema"] >= 5


async def test_metrics_count_requests_by_route_and_status(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    for amount in ("1", "1000", "bad"):
        await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": amount})
    await ada.get(f"/v1/users/{ada.id}/balance")
    await ada.get("/v1/nowhere")
    metrics = await scrape(house)

    def count(method: str, route: str, status: int) -> float:
        return metrics[f'evens_http_request_seconds_count{{method="{method}",route="{route}",status="{status}"}}']

    assert [count("POST", "/v1/transfers", status) for status in (201, 402, 422)] == [1, 1, 1]
    assert count("GET", "/v1/users/{id}/balance", 200) == 1
    assert count("GET", "(none)", 404) == 1


async def test_metrics_count_commands_and_show_balances(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    metrics = house.services.metrics
    metrics.leading(1, 0.5)
    metrics.show_queues(lambda: 3, lambda: 144)
    assert ada.customer is not None
    assert bob.customer is not None
    commands = [Transfer(ada.customer, bob.customer, "USD", amount_minor) for amount_minor in (10_00, 1000_00, 1)]
    receipts = [await house.stage.submit(command) for command in commands]
    metrics.committed(receipts, 0.002)
    metrics.failed(ValueError("x"))
    await ada.post("/v1/withdrawals", {"amount": "5", "currency": "USD"})
    seen = await scrape(house)
    assert seen['evens_commands_total{kind="Transfer",outcome="booked"}'] == 2
    assert seen['evens_commands_total{kind="Transfer",outcome="insufficient_funds"}'] == 1
    assert (seen["evens_batch_size_sum"], seen["evens_batch_size_count"]) == (3, 1)
    assert seen["evens_commit_seconds_count"] == 1
    assert (seen["evens_leading"], seen["evens_load_seconds"]) == (1, 0.5)
    assert seen['evens_queue_depth{lane="foreground"}'] == 3
    assert seen['evens_queue_depth{lane="background"}'] == 144
    assert seen['evens_failures_total{error="ValueError"}'] == 1
    assert seen['evens_balance{class="cash",currency="USD"}'] == 95
    assert seen['evens_balance{class="withdrawing",currency="USD"}'] == 5
    assert seen['evens_balance{class="external",currency="USD"}'] == -100
    assert seen['evens_tvl{currency="USD"}'] == 100
    assert seen['evens_withdrawals_pending{by="desk",currency="USD"}'] == 1
    assert seen['evens_withdrawals_pending{by="rail",currency="USD"}'] == 0
    metrics.idle("testing")
    assert (await scrape(house))["evens_leading"] == 0


async def test_metrics_can_be_closed_to_all_but_services_and_operators(house: OpenHouse, ada: Caller) -> None:
    """Hold 25: /metrics can be closed by a setting."""
    operator = dataclasses.replace(house.services.operator, metrics_are_closed=True)
    async with talking_to(create_app(dataclasses.replace(house.services, operator=operator))) as http:
        for caller, status in (
            (house.nobody, 401),
            (Caller(http, "evk_nonsense"), 401),
            (ada, 403),
            (await house.someone(Role.SERVICE, "prometheus"), 200),
            (await house.someone(Role.OPERATOR, "desk"), 200),
        ):
            answer = await Caller(http, caller.bearer).get("/metrics")
            assert answer.status_code == status
            assert ("evens_tvl" in answer.text) == (status == 200)


async def test_the_trouble_of_the_database_is_told_to_the_log_and_not_to_everybody(house: OpenHouse) -> None:
    """Hold 25: the driver's words name hosts and roles, and anybody may ask whether the house is ready."""

    class Away(Queries):
        async def applied_migrations(self) -> set[int]:
            raise StoreUnavailable("The database cannot be reached: no route to db.internal as evens_app")

    probe = ReadinessProbe(
        Away(house.database),
        RecentTotals(house.services.wallets.queries),
        house.services.gateway,
        lambda: None,
        {},
    )
    with capture_logs() as lines:
        told = {check.name: check.detail for check in await probe()}
    assert told["database"] == "It cannot be reached; the log says why."
    assert "db.internal" in lines[0]["error"]


async def test_totals_are_asked_for_once_in_a_while_however_many_want_them(house: OpenHouse) -> None:
    queries = CountingQueries(house.database)
    now = 0.0
    totals = RecentTotals(queries, clock=lambda: now)
    await asyncio.gather(*(totals.get() for _ in range(10)))
    now = AGE_S_MAX
    await totals.get()
    assert queries.asked == 1
    now = AGE_S_MAX + 0.1
    await totals.get()
    assert queries.asked == 2


async def test_the_longer_totals_take_the_less_often_they_are_worked_out(house: OpenHouse) -> None:
    """Hold 7: reading every account costs the database at most two hundredths of its time."""

    class SlowQueries(CountingQueries):
        now = 0.0

        async def totals(self) -> dict[tuple[int, AccountClass], int]:
            self.now += 0.5
            return await super().totals()

    queries = SlowQueries(house.database)
    totals = RecentTotals(queries, clock=lambda: queries.now)
    await totals.get()
    for moment, asked in ((24.9, 1), (25.1, 2), (49.9, 2), (50.7, 3)):
        queries.now = moment
        await totals.get()
        assert queries.asked == asked


async def test_the_total_value_is_worked_out_once_and_follows_every_commit(
    house: OpenHouse, ada: Caller, bob: Caller
) -> None:
    """Hold 7: totals are served from memory, and are those of this moment."""
    queries = CountingQueries(house.database)
    totals = LiveTotals(queries, RecentTotals(queries))
    house.services.gateway.follow(totals)
    operator = dataclasses.replace(house.services.operator, queries=queries, totals=totals)
    async with talking_to(create_app(dataclasses.replace(house.services, operator=operator))) as http:
        for number in range(20):
            await ada.post("/v1/withdrawals", {"amount": "1", "currency": "USD"})
            await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1", "currency": "USD"})
            told = (await Caller(http, ada.bearer).get("/v1/tvl")).json()["items"][0]
            assert (told["total_cash"], told["pending_withdrawals"]) == (f"{99 - number}.00", f"{number + 1}.00")
    assert queries.asked == 1
    assert await totals.get() == await queries.totals()


async def test_totals_that_nobody_asked_for_in_a_while_are_read_again(
    house: OpenHouse, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 7: what is kept for whoever asks is bounded, also while the tables are read."""
    monkeypatch.setattr(totals_module, "COMMANDS_KEPT_MAX", 3)

    class BusyQueries(CountingQueries):
        async def totals_at(self) -> tuple[int, dict[tuple[int, AccountClass], int]]:
            found = await super().totals_at()
            for _ in range(5 if self.asked == 1 else 2):
                await ada.post("/v1/withdrawals", {"amount": "1", "currency": "USD"})
            return found

    queries = BusyQueries(house.database)
    totals = LiveTotals(queries, RecentTotals(queries))
    house.services.gateway.follow(totals)
    cash = (1, AccountClass.CASH)
    assert (await totals.get())[cash] == 100_00, "more was committed meanwhile than is kept: it is of before"
    assert ((await totals.get())[cash], queries.asked) == (93_00, 2)
    await ada.post("/v1/withdrawals", {"amount": "1", "currency": "USD"})
    assert ((await totals.get())[cash], queries.asked) == (92_00, 2)


async def test_the_total_value_follows_every_move(operator: Caller, ada: Caller) -> None:
    await ada.post("/v1/withdrawals", {"amount": "30", "currency": "USD"})
    told = (await ada.get("/v1/tvl")).json()
    assert told["next"] is None
    assert told["items"][0] == {
        "currency": "USD",
        "total_cash": "70.00",
        "locked": "0.00",
        "pending_withdrawals": "30.00",
        "pools": [],
    }
    assert [item["currency"] for item in told["items"]] == ["USD", "EUR", "USDC"]
