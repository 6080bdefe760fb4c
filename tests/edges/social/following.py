"""Following over HTTP: the few steps that its tests have in common."""

from typing import Any, Final

from evens.core.values.ids import CustomerId
from evens.edges.jobs.copier import Copier
from evens.edges.jobs.copy_settling import CopySettling
from evens.edges.jobs.stop_losses import StopLosses
from evens.program.copy_results import ProductResults
from evens.store.console.journal import JournalQueries
from evens.store.following.due import CopiesDue
from evens.store.following.over import CopiesOver
from evens.store.following.results import FollowResults
from tests.edges.conftest import Caller, OpenHouse

LIMITS: Final[dict[str, Any]] = {
    "mode": "fixed",
    "stake": "5.00",
    "allocation": "100.00",
    "per_bet_cap": "50.00",
    "daily_cap": "80.00",
    "products": ["exchange", "sportsbook", "pools"],
}


async def copyable(*leaders: Caller) -> None:
    """Let leaders be copied."""
    for leader in leaders:
        assert (await leader.patch("/v1/me/profile", {"copyable": True})).status_code == 200


async def follow(caller: Caller, leader: Caller, **more: Any) -> dict[str, Any]:
    """Begin to follow, and return the follow."""
    answer = await caller.post("/v1/follows", {"leader": leader.username, **LIMITS, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def copies(caller: Caller, follow_id: str) -> list[dict[str, Any]]:
    """Return what became of the leader's bets, the oldest first."""
    answer = await caller.get(f"/v1/follows/{follow_id}/copies")
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


async def outcomes(caller: Caller, follow_id: str) -> list[tuple[str, str | None]]:
    """Return status and reason of what became of the leader's bets, the oldest first."""
    return [(copy["status"], copy["reason"]) for copy in await copies(caller, follow_id)]


async def copy_all(house: OpenHouse) -> None:
    """Let the copier look at everything that was committed."""
    copier = Copier(house.services.gateway, CopiesDue(house.database))
    while await copier.copy_next():
        pass


async def settle_copies(house: OpenHouse) -> None:
    """Let the job that settles copies look at everything that was committed."""
    while await JournalQueries(house.database).index_next():
        pass
    results = ProductResults(house.database, FollowResults(house.database))
    settling = CopySettling(house.services.gateway, CopiesOver(house.database), results)
    while await settling.settle_next():
        pass


async def stop_losses(house: OpenHouse) -> None:
    """Let the job that values open copies stop the follows that have lost too much."""
    follows = FollowResults(house.database)
    stopping = StopLosses(house.services.gateway, follows, ProductResults(house.database, follows))
    while await stopping.stop_next():
        pass


def id_of(caller: Caller) -> CustomerId:
    """Return a customer's number."""
    assert caller.customer is not None
    return caller.customer
