"""What is logged of sources: each error once, and when it is over."""

import pytest
from structlog.testing import capture_logs

from tests.feeds.simulated_results import Publisher, SimulatedExchange, WatcherHarness

pytestmark = pytest.mark.anyio


async def test_an_error_is_logged_once_and_so_is_its_end(times: Publisher, harness: WatcherHarness) -> None:
    with capture_logs() as logs:
        times.fails("line 2: Expected `str`, got `int` - at `$.event`")
        await harness.poll_through(30)
        times.failure = None
        await harness.poll_through(30)
        times.failure = ZeroDivisionError()
        await harness.poll_through(30)
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "results_not_read"),
        ("info", "results_read_again"),
        ("error", "results_not_read"),
    ]
    assert (logs[0]["source"], logs[0]["error"]) == ("times", "line 2: Expected `str`, got `int` - at `$.event`")


async def test_an_event_that_fails_is_logged_once_and_stops_no_other_event(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    contested, other = exchange.open(), exchange.open(event="oaks")
    times.says("Alpha")
    post.says("Beta")
    times.adds("Alpha", event="oaks")
    exchange.alert_error = ConnectionError()
    with capture_logs() as logs:
        await harness.poll_through()
    assert [line["contest"] for line in logs if line["event"] == "results_event_failed"] == ["derby"]
    assert exchange.alerts_of(contested) == []
    assert exchange.winners(other) == (1,)
