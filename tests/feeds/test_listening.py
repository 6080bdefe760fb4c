"""What the log says of sources: each trouble once, and that it is over."""

import pytest
from structlog.testing import capture_logs

from tests.feeds.racecourse import House, Publisher, Steward

pytestmark = pytest.mark.anyio


async def test_a_trouble_is_said_once_and_so_is_its_end(times: Publisher, steward: Steward) -> None:
    with capture_logs() as logs:
        times.fails("line 2: Expected `str`, got `int` - at `$.event`")
        await steward.poll_through(30)
        times.failure = None
        await steward.poll_through(30)
        times.failure = ZeroDivisionError()
        await steward.poll_through(30)
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "results_not_read"),
        ("info", "results_read_again"),
        ("error", "results_not_read"),
    ]
    assert (logs[0]["source"], logs[0]["error"]) == ("times", "line 2: Expected `str`, got `int` - at `$.event`")


async def test_a_house_that_stumbles_is_said_once_and_stops_no_other_event(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    contested, other = house.open(), house.open(event="oaks")
    times.says("Alpha")
    post.says("Beta")
    times.adds("Alpha", event="oaks")
    house.deaf = ConnectionError()
    with capture_logs() as logs:
        await steward.poll_through()
    assert [line["contest"] for line in logs if line["event"] == "results_stumbled"] == ["derby"]
    assert house.told(contested) == []
    assert house.winners(other) == (1,)
