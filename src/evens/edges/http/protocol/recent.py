"""Pages that are worked out once for all who ask for them within a moment.

Most who look at a sportsbook look at the same first page of events, and most who look at a pool at its open round.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final, Generic, TypeVar

Asked = TypeVar("Asked", bound=Hashable)
Page = TypeVar("Page")

PAGE_S: Final = 0.25
"""How long a page is given to others who ask for the same one, unless something else is said."""

PAGES_MAX: Final = 256
"""How many pages are kept."""


class RecentPages(Generic[Asked, Page]):
    """Pages, most often encoded, by what was asked for. Each is given for ``page_s`` to all who ask for the same."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, page_s: float = PAGE_S) -> None:
        self._page_s = page_s
        self._clock = clock
        self._pages: OrderedDict[Asked, tuple[float, asyncio.Task[Page]]] = OrderedDict()

    async def get(self, asked: Asked, make: Callable[[], Coroutine[Any, Any, Page]]) -> Page:
        """Return the page that ``make`` returns, or did a moment ago. Raises what ``make`` raises."""
        now = self._clock()
        known = self._pages.get(asked)
        if known is None or now - known[0] > self._page_s or _has_failed(known[1]):
            known = now, asyncio.create_task(make())
            self._pages[asked] = known
            self._pages.move_to_end(asked)
            if len(self._pages) > PAGES_MAX:
                self._pages.popitem(last=False)
        # Whoever goes away must not take the page from those who wait for it too.
        return await asyncio.shield(known[1])

    def forget(self, is_meant: Callable[[Asked], bool]) -> None:
        """Make these pages anew when they are asked for next: what they show is no longer to be shown."""
        for asked in [each for each in self._pages if is_meant(each)]:
            del self._pages[asked]


def _has_failed(page: "asyncio.Task[Any]") -> bool:
    return page.done() and (page.cancelled() or page.exception() is not None)
