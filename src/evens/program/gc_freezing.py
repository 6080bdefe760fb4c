"""Keeping the garbage collector's pauses short in a process whose state only grows.

Theory of operation
-------------------
CPython frees most objects by counting references. Its cyclic garbage collector is there for the rest: objects that
refer to each other in a cycle. A full collection visits every tracked object and stops the whole process meanwhile,
about 0.1 s for each million objects. This server keeps millions of long-lived objects (accounts, orders, positions),
and hardly any of them is ever part of a cycle, so visiting them again finds nothing.

``gc.freeze()`` moves all tracked objects into a permanent generation, which the collector does not visit. A frozen
object is still freed when its reference count falls to zero. Only a cycle that becomes garbage after it was frozen
stays in memory; connections leave some of these behind. So this is done:

1. At start, once the state is loaded: a full collection, then a freeze.
2. After each full collection that the collector itself starts: a freeze of what survived it. The next full collection
   visits only what is new.
3. Once a minute, if the number of frozen objects has grown by more than a quarter plus 200,000 since the last complete
   pass: unfreeze everything, collect, freeze. That pass frees the cycles that became garbage while frozen, and bounds
   how much memory they can take.

Example. The server starts with 4,000,000 objects, so the first pass takes about 0.4 s, before requests are served.
Orders then add 300,000 lasting objects a minute. A full collection by Python would visit the 4 million again and stop
the server for 0.4 s; it now visits what is new since the last one, some ten thousand objects, in a few milliseconds.
The next complete pass is due at 4,000,000 x 1.25 + 200,000 = 5,200,000 frozen objects, after four minutes; it stops the
server for half a second. The one after that is due at 6,700,000, after five more minutes: passes become rarer as the
state grows.
"""

import asyncio
import gc
from typing import Any, Final, Literal

_GROWTH: Final = 1.25
_GROWTH_MIN: Final = 200_000
_CHECK_EVERY_S: Final = 60.0


class GcFreezer:
    """Freezes long-lived objects. Use it once in a process, as a context, with :meth:`run` running inside."""

    def __init__(self) -> None:
        self._count_after_refreeze = 0

    def __enter__(self) -> "GcFreezer":
        self.refreeze()
        gc.callbacks.append(self._on_collection)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._on_collection)
        gc.unfreeze()

    def refreeze(self) -> None:
        """Unfreeze everything, free what is garbage, and freeze the rest. This stops the process."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._count_after_refreeze = gc.get_freeze_count()

    @property
    def is_due(self) -> bool:
        """Whether so many objects were frozen since the last :meth:`refreeze` that another one is worth its pause."""
        return gc.get_freeze_count() > _GROWTH * self._count_after_refreeze + _GROWTH_MIN

    async def run(self) -> None:
        """Refreeze whenever it is due, until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_EVERY_S)
            if self.is_due:
                self.refreeze()

    def _on_collection(self, phase: Literal["start", "stop"], info: dict[str, Any]) -> None:
        if phase == "stop" and info["generation"] == len(gc.get_threshold()) - 1:
            gc.freeze()
