"""Run benchmarks: all of them, or those named on the command line."""

import argparse
import os
import platform
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvloop
from rich.console import Console

from bench import (
    accounts,
    betfair,
    bets,
    exchange,
    following,
    history,
    http,
    matching,
    open_bets,
    orders,
    pools,
    records,
    settled,
    sportsbook,
    stream,
    transfers,
    web,
)
from bench.environment import postgres
from bench.report import Report
from evens.store.embedded import Running

BENCHES: dict[str, Callable[[Running, Report], Awaitable[None]]] = {
    "transfers": transfers.run,
    "http": http.run,
    "accounts": accounts.run,
    "history": history.run,
    "matching": matching.run,
    "exchange": exchange.run,
    "orders": orders.run,
    "settled": settled.run,
    "stream": stream.run,
    "betfair": betfair.run,
    "sportsbook": sportsbook.run,
    "bets": bets.run,
    "open_bets": open_bets.run,
    "pools": pools.run,
    "following": following.run,
    "records": records.run,
    "web": web.run,
}


def machine() -> str:
    """Describe the machine in a line."""
    cpuinfo = Path("/proc/cpuinfo")
    model = platform.processor() or platform.machine()
    if cpuinfo.exists():
        model = next((line.split(":")[1].strip() for line in cpuinfo.open() if line.startswith("model name")), model)
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory_gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def main() -> int:
    """Run and print; exit with 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], help="which to run; all if none is named")
    parser.add_argument(
        "--web-minutes",
        type=float,
        default=web.MINUTES,
        metavar="N",
        help="for how long `web` watches a page's memory (default: %(default)g; an hour says most)",
    )
    parser.add_argument("--save", action="store_true", help="add the figures to bench/RESULTS.md")
    arguments = parser.parse_args()
    benches = {**BENCHES, "web": partial(web.run, minutes=arguments.web_minutes)}
    report = Report(Console())
    report.console.print(machine())
    for name in arguments.names or benches:
        report.console.rule(name)
        with postgres() as server:
            uvloop.run(benches[name](server, report))  # pyright: ignore[reportArgumentType]
    report.show()
    if arguments.save:
        with Path(__file__).with_name("RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.now(UTC).date()}\n\n{machine()}\n\n{report.markdown()}\n")
    return 1 if any(figure.met is False for figure in report.figures) else 0


if __name__ == "__main__":
    raise SystemExit(main())
