"""A request that a scenario makes over HTTP."""

from dataclasses import dataclass
from typing import Any

from tests.edges.conftest import Caller


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
        send = caller.put if self.method == "PUT" else caller.post
        return await send(self.path, self.body, key=key)
