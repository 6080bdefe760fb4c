"""kill −9 while a leader's bets are copied for two hundred followers: each match has one outcome for each follow."""

import asyncio
import os
import signal
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.program import running
from tests.faults.desk import Desk, desk_at
from tests.faults.intact import assert_books_are_sound

pytestmark = pytest.mark.anyio

FOLLOWERS: Final = 200
BETS: Final = 4
MARKET: Final = {"name": "Winner", "starts_at": "2026-11-20T19:30:00Z", "runners": [{"name": "Ann"}, {"name": "Bo"}]}
LIMITS: Final = {
    "leader": "leader",
    "mode": "fixed",
    "stake": "2.00",
    "allocation": "7.00",
    "per_bet_cap": "2.00",
    "daily_cap": "100.00",
    "products": ["exchange"],
}


async def _as_customer(desk: Desk, user_id: str, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a customer ask, with a key of their own."""
    made = await desk.post("/v1/api-keys", {"role": "customer", "user_id": user_id})
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    answer = await desk.http.request(method, path, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


async def _bet(desk: Desk, user_id: str, market: str, side: str, stake: str) -> None:
    order = {"market_id": market, "runner_id": "1", "side": side, "odds": "3.00", "stake": stake, "user_id": user_id}
    answer = await desk.post("/v1/exchange/orders", order)
    assert answer.status_code == 201, answer.text


async def _copies(desk: Desk, follow: str) -> list[dict[str, Any]]:
    answer = await desk.http.get(f"/v1/follows/{follow}/copies")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def _wait_for(desk: Desk, follow: str, outcomes: int) -> None:
    async with asyncio.timeout(50):
        while len(await _copies(desk, follow)) < outcomes:
            pass


async def test_a_killed_server_leaves_one_outcome_of_each_match_for_each_follow(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            (leader,) = await desk.customers(1, prefix="leader")
            (other,) = await desk.customers(1, cash="100000.00", prefix="other")
            followers = await desk.customers(FOLLOWERS, cash="10.00")
            await _as_customer(desk, leader, "PATCH", "/v1/me/profile", {"copyable": True})
            limits = {**LIMITS, "leader": leader}
            follows = [
                (await _as_customer(desk, follower, "POST", "/v1/follows", limits))["id"] for follower in followers
            ]
            market = (await desk.post("/v1/exchange/markets", MARKET)).json()["id"]
            await _bet(desk, other, market, "lay", "10000.00")
            for _ in range(BETS):
                await _bet(desk, leader, market, "back", "10.00")
            await _wait_for(desk, follows[0], 1)
            os.kill(server.process.pid, signal.SIGKILL)
    with running(["serve", "--port", "0"], data) as server:
        async with desk_at(server) as desk:
            await _wait_for(desk, follows[-1], BETS)
            for follower, follow in zip(followers, follows, strict=True):
                copies = await _copies(desk, follow)
                assert max(Counter(copy["leader_bet"] for copy in copies).values()) == 1
                # 2.00 each of 7.00: the fourth is more than what is left.
                assert Counter((copy["status"], copy["reason"]) for copy in copies) == {
                    ("copied", None): 3,
                    ("skipped", "allocation"): 1,
                }
                balance = (await desk.http.get(f"/v1/users/{follower}/balance", params={"currency": "USD"})).json()
                assert (Decimal(balance["cash"]), Decimal(balance["escrow"])) == (Decimal(4), Decimal(6))
        assert_books_are_sound(server)
