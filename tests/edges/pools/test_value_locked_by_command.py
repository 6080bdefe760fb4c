"""`evens tvl` shows what is locked in pools and in all bets, beside what lies in cash."""

import pytest

from tests.edges.conftest import Caller, Desk
from tests.edges.pools.window import bet, create, open_round

pytestmark = pytest.mark.anyio


async def test_what_is_locked_is_shown_by_command(desk: Desk, operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator)
    await bet(ada, "up", "12.34")
    await bet(ada, "down", "5.00")
    (found,) = [each for each in (await desk.ask("tvl"))["items"] if each["currency"] == "USD"]
    assert (found["locked"], found["total_cash"]) == ("17.34", "82.66")
    (pool,) = found["pools"]
    assert (pool["pool"], pool["up"], pool["down"], pool["staked"]) == ("ndx-daily", "12.34", "5.00", "17.34")
    lines = (await desk.call("tvl")).out.splitlines()
    (row,) = [line for line in lines if "ndx-daily" in line]
    assert all(amount in row for amount in ("12.34", "5.00", "17.34", "USD")), row
    assert any("cash" in line and "82.66" in line for line in lines), lines
