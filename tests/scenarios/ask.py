"""A request that a scenario makes over HTTP, and what a refusal of it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.edges.conftest import Caller
from tests.scenarios.driver import Outcome

FACTS: Final = (
    "reference",
    "memo",
    "destination",
    "needed",
    "available",
    "owed",
    "currency",
    "position",
    "limit",
    "odds_below",
    "odds_above",
    "market_version",
    "minimum",
    "maximum",
)
"""What a transaction or a problem tells under the name that scenarios use."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request."""

    method: str
    path: str
    body: dict[str, Any] | None = None

    async def send(self, caller: Caller, key: str | None) -> Any:
        """Send it as somebody, and return the answer."""
        if self.method == "DELETE":
            return await caller.delete(self.path, key=key, **(self.body or {}))
        sends = {"PUT": caller.put, "PATCH": caller.patch, "POST": caller.post}
        return await sends[self.method](self.path, self.body, key=key)


def facts_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Return what a transaction or a problem tells that scenarios have a name for."""
    # A refusal because of odds names those of every leg.
    odds = {f"odds_{place}": leg["odds"] for place, leg in enumerate(body.get("legs") or ()) if "code" in body}
    return {name: str(body[name]) for name in FACTS if body.get(name) is not None} | odds


def refusal(status: int, body: Mapping[str, Any], replayed: bool) -> Outcome:
    """Return what a problem document tells."""
    assert status >= 400, body
    assert body["status"] == status
    return Outcome(body["code"], facts_of(body), replayed=replayed)
