"""The browser app in headless Chromium: how soon it can be used, and what a page costs on which much happens.

It is the page of a market with 20 runners, open to a customer with a bet and an order in it. The traffic is orders over
HTTP, so the page hears of it as it would in earnest: by the stream, which tells what has changed at most twenty times a
second.
"""

import asyncio
from statistics import median
from typing import Final

import httpx2
from playwright.async_api import Browser

from bench.browser import Memory, Watched, chromium, newcomer
from bench.environment import leading, new_database
from bench.exchange import CASH_MINOR
from bench.http import serving
from bench.market_traffic import MarketTraffic
from bench.report import AT_MOST, Report
from evens.store.embedded import APP_ROLE, Running
from tools.build_web import build

MINUTES: Final = 3.0
"""For how long the page's memory is watched, if nothing else is said."""

_CUSTOMERS: Final = 40
_VISITS: Final = 5
_PER_S: Final = 50.0
_WARMING_S: Final = 5.0
_MEASURED_S: Final = 20.0
_MARKED_S: Final = 15.0
_MARKS_PER_S: Final = 2.0
_BURST: Final = 1_000
_SAMPLES: Final = 10
_FRAME_MS: Final = 1000 / 60
_PHRASE: Final = "a walk along the harbour wall"

_LOBBY_USABLE: Final = "main li:has(a[href^='/markets/'])"
_MARKET_USABLE: Final = "table[aria-label='Prices'] [data-cell='back']"


async def run(server: Running, report: Report, minutes: float = MINUTES) -> None:
    """Measure the first visit, then a market page under traffic for so many minutes."""
    await asyncio.to_thread(build)
    name = await new_database(server)
    async with leading(server.dsn(APP_ROLE, name)) as bench:
        customers = await bench.customers(_CUSTOMERS, CASH_MINOR)
    async with serving(server, name) as (port, key):
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as http, chromium() as browser:
            traffic = MarketTraffic(http, customers)
            await traffic.open()
            await _visit(browser, url, traffic.market, report)
            async with newcomer(browser, url) as page:
                await _open_market(page, traffic)
                await _measure_cost(page, traffic, report)
                await _measure_lag(page, traffic, report)
                await _measure_burst(page, traffic, report)
                await _watch_memory(page, traffic, report, minutes)


async def _visit(browser: Browser, url: str, market: str, report: Report) -> None:
    """Measure from asking for an address, with nothing in the cache, until its first price can be seen and pressed."""
    waits: dict[str, list[float]] = {}
    script_bytes = 0
    pages = (("lobby", "/", _LOBBY_USABLE), ("market", f"/markets/{market}", _MARKET_USABLE))
    for name, path, selector in pages * _VISITS:
        async with newcomer(browser, url) as page:
            await page.page.goto(path, wait_until="commit")
            waits.setdefault(name, []).append(await page.ask("selector => watch.usable(selector)", selector))
            if name == "lobby":
                script_bytes = await page.ask("watch.scriptBytes()")
    report.add("web: lobby usable (its first market shows prices), median", median(waits["lobby"]) / 1000, "s")
    report.add("… slowest of 5", max(waits["lobby"]) / 1000, "s", 2, AT_MOST)
    report.add("… JavaScript until then, compressed", script_bytes / 1024, "KiB", 180, AT_MOST)
    report.add(
        "web: market usable (its first price can be pressed), slowest of 5",
        max(waits["market"]) / 1000,
        "s",
        2,
        AT_MOST,
    )


async def _open_market(page: Watched, traffic: MarketTraffic) -> None:
    """Open an account by the form, have a bet and an order in the market, and go to its page."""
    await page.page.goto("/register")
    await page.page.get_by_label("Username").fill("watcher")
    await page.page.get_by_label("E-mail").fill("watcher@example.org")
    await page.page.get_by_label("Password").fill(_PHRASE)
    await page.page.get_by_role("button", name="Open an account").click()
    await page.page.get_by_role("link", name="watcher").wait_for()
    customer = (await page.ask("fetch('/v1/me').then(answer => answer.json())"))["id"]
    await traffic.post("/v1/deposits", {"user_id": customer, "amount": "1000.00", "currency": "USD"})
    await traffic.place_of(customer)
    await page.page.goto(f"/markets/{traffic.market}")
    await page.ask("selector => watch.usable(selector)", _MARKET_USABLE)
    await traffic.run(_PER_S, _WARMING_S)


async def _measure_cost(page: Watched, traffic: MarketTraffic, report: Report) -> None:
    """Measure the processor time of the page's process."""
    before, heard = await page.cost(), await page.ask("watch.deltas")
    changes = await traffic.run(_PER_S, _MEASURED_S)
    spent, heard = (await page.cost()).since(before), await page.ask("watch.deltas") - heard
    report.add("web: a market of 20 runners, changes of its book", changes / spent.at, "changes/s")
    report.add("… messages to the page", heard / spent.at, "deltas/s")
    report.add("… the page's process, of one core", spent.share_of(spent.renderer_s), "%", 30, AT_MOST)
    report.add("… of which scripts", spent.share_of(spent.script_s), "%")
    report.add("… of which styles and layout", spent.share_of(spent.layout_s + spent.style_s), "%")
    report.add("… beside it, the process that draws", spent.share_of(spent.gpu_s), "%")


async def _measure_lag(page: Watched, traffic: MarketTraffic, report: Report) -> None:
    """Measure from when an amount has come over the stream, and from when its order was answered, until it is shown."""
    await page.ask("watch.startMarking()")
    async with asyncio.TaskGroup() as group:
        group.create_task(traffic.run(_PER_S - 2 * _MARKS_PER_S, _MARKED_S))
        for _ in range(int(_MARKED_S * _MARKS_PER_S)):
            await traffic.mark(1 / _MARKS_PER_S)
    await page.ask("watch.stopMarking()")
    marks = await page.ask("watch.marks")
    assert len(marks) >= 0.8 * len(traffic.answered_at), (len(marks), len(traffic.answered_at))
    lags = sorted(each["waitedMs"] for each in marks)
    behind = [each["shownAt"] - traffic.answered_at[each["mark"]] for each in marks]
    third = len(behind) // 3
    report.add("… a change, from received to shown, median", median(lags), "ms")
    report.add("… p95", lags[len(lags) * 95 // 100], "ms", 2 * _FRAME_MS, AT_MOST)
    report.add("… from answered to shown, first third, median", median(behind[:third]), "ms")
    report.add("… last third, median: it does not queue", median(behind[-third:]), "ms", 150, AT_MOST)


async def _measure_burst(page: Watched, traffic: MarketTraffic, report: Report) -> None:
    """Measure the frames of the page while orders come as fast as they are taken."""
    heard = await page.ask("watch.deltas")
    await page.ask("watch.startFrames()")
    await traffic.burst(_BURST)
    # The last message comes a round of the stream later.
    await asyncio.sleep(1)
    await page.ask("watch.stopFrames()")
    long_frames, gaps = await page.ask("watch.longFrames"), await page.ask("watch.gaps")
    report.add("web: 1,000 orders at once, messages to the page", await page.ask("watch.deltas") - heard, "deltas")
    report.add("… frames over 50 ms", len(long_frames), "frames", 0, AT_MOST)
    report.add("… longest time between two frames", max(gaps), "ms")


async def _watch_memory(page: Watched, traffic: MarketTraffic, report: Report, minutes: float) -> None:
    """Measure what the page holds, again and again; from the second time on it should be the same."""
    held: list[Memory] = []
    for _ in range(_SAMPLES):
        await traffic.run(_PER_S, minutes * 60 / _SAMPLES)
        held.append(await page.memory())
        report.console.print(f"    {held[-1].heap_mib:.2f} MiB, {held[-1].nodes} nodes, {held[-1].listeners} listeners")
    first, last = held[1], held[-1]
    report.add(f"web: the page's heap in the beginning of {minutes:g} minutes of it", first.heap_mib, "MiB")
    report.add("… at the end", last.heap_mib, "MiB")
    report.add("… growth", last.heap_mib - first.heap_mib, "MiB", 1, AT_MOST)
    report.add("… more nodes at the end", last.nodes - first.nodes, "nodes")
