"""Keeping the garbage collector's pauses short in a process whose state only grows.

Accounts, orders and positions stay for days and are freed, when they are, by counting references. Python's collector
looks at all of them whenever enough that is new has survived, and everybody waits meanwhile: a tenth of a second for
each million. Here, what has survived a full collection is not looked at again, until that has grown by a quarter.
"""

import asyncio
import gc
from typing import Any, Final, Literal

_GROWTH: Final = 1.25
_LEAST: Final = 200_000
_EVERY_S: Final = 60.0


class Survivors:
    """Objects that the collector leaves alone. Use it once in a process, as a context, and :meth:`keep` it up.

    An object that dies in a cycle after it has survived stays in memory until the next :meth:`settle`: what connections
    leave behind, for example. How much that can be is bounded by the growth that makes settling due.
    """

    def __init__(self) -> None:
        self._settled = 0

    def __enter__(self) -> "Survivors":
        self.settle()
        gc.callbacks.append(self._collected)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._collected)
        gc.unfreeze()

    def settle(self) -> None:
        """Look at everything once, and leave alone what is alive."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._settled = gc.get_freeze_count()

    @property
    def is_due(self) -> bool:
        """Whether so much has survived since it was last settled that some of it may be dead."""
        return gc.get_freeze_count() > _GROWTH * self._settled + _LEAST

    async def keep(self) -> None:
        """Settle whenever it is due, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            if self.is_due:
                self.settle()

    def _collected(self, phase: Literal["start", "stop"], info: dict[str, Any]) -> None:
        if phase == "stop" and info["generation"] == len(gc.get_threshold()) - 1:
            gc.freeze()
