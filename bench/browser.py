"""A headless Chromium with one page, and what the page costs: processor time, memory, frames."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final, cast

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from tools.chromium import install

WATCH: Final = Path(__file__).with_name("web_watch.js")
_MIB: Final = 2**20
_SHARES: Final = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page has cost so far, in seconds: two processes, and parts of the page's thread."""

    at: float
    renderer_s: float
    gpu_s: float
    script_s: float
    layout_s: float
    style_s: float

    def share_of(self, seconds: float) -> float:
        """Return such seconds as a percentage of one core, where ``self`` is a difference of two costs."""
        return 100 * seconds / self.at

    def since(self, before: "Cost") -> "Cost":
        """Return what was spent after ``before``."""
        return Cost(
            self.at - before.at,
            self.renderer_s - before.renderer_s,
            self.gpu_s - before.gpu_s,
            self.script_s - before.script_s,
            self.layout_s - before.layout_s,
            self.style_s - before.style_s,
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """What a page holds after its garbage was collected."""

    heap_mib: float
    nodes: int
    listeners: int


class Watched:
    """A page with the script that watches it, and the two sessions that ask the browser about it."""

    def __init__(self, page: Page, session: CDPSession, of_browser: CDPSession) -> None:
        self.page = page
        self._session = session
        self._of_browser = of_browser

    async def ask(self, script: str, argument: Any = None) -> Any:
        """Evaluate a script in the page."""
        return await self.page.evaluate(script, argument)

    async def cost(self) -> Cost:
        """Return what the page has cost so far. There is no other page, so every renderer is its own or idle."""
        processes = (await _send(self._of_browser, "SystemInfo.getProcessInfo"))["processInfo"]
        spent = {
            kind: sum(each["cpuTime"] for each in processes if each["type"] == kind) for kind in ("renderer", "GPU")
        }
        script, layout, style = map((await self._metrics()).__getitem__, _SHARES)
        return Cost(perf_counter(), spent["renderer"], spent["GPU"], script, layout, style)

    async def memory(self) -> Memory:
        """Return what the page holds, after its garbage was collected."""
        # What the first collection finishes, the second one takes.
        for _ in range(2):
            await _send(self._session, "HeapProfiler.collectGarbage")
        metrics = await self._metrics()
        return Memory(metrics["JSHeapUsedSize"] / _MIB, int(metrics["Nodes"]), int(metrics["JSEventListeners"]))

    async def _metrics(self) -> dict[str, float]:
        found = await _send(self._session, "Performance.getMetrics")
        return {each["name"]: each["value"] for each in found["metrics"]}


async def _send(session: CDPSession, method: str) -> dict[str, Any]:
    return cast("dict[str, Any]", await session.send(method))  # pyright: ignore[reportUnknownMemberType]


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """Run Debian's Chromium, which is installed if there is none."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=install(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def newcomer(browser: Browser, url: str) -> AsyncGenerator[Watched]:
    """Open a page as somebody who has never been there: nothing is in a cache."""
    context: BrowserContext = await browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    await context.add_init_script(path=WATCH)
    try:
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await _send(session, "Performance.enable")
        yield Watched(page, session, await browser.new_browser_cdp_session())
    finally:
        await context.close()
