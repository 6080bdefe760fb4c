"""Single transfers in process: many callers, each waiting for the commit of its own transfer before the next."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from bench.environment import ACTOR, CHUNK, Bench, fresh, pairs
from bench.pgbench import tpcb_per_s
from bench.report import AT_MOST, Report
from evens.core.commands.wallets import Transfer
from evens.core.events.ledger import Transferred
from evens.core.values.ids import CustomerId
from evens.store.embedded import Running

CUSTOMERS = 1_000
CASH_MINOR = 10**9


@dataclass(frozen=True, slots=True)
class Run:
    """Transfers a second, and the 99th percentile of how long a caller waited."""

    per_s: float
    p99_ms: float


async def measure(bench: Bench, callers: int, transfers: Sequence[tuple[CustomerId, CustomerId]]) -> Run:
    """Let ``callers`` make these transfers, each with an id that the journal has to be asked for."""
    waits: list[float] = []
    share = len(transfers) // callers

    async def call(first: int) -> None:
        for payer, payee in transfers[first : first + share]:
            asked = perf_counter()
            command = Transfer(payer, payee, "USD", 1)
            receipt, _ = await bench.inbox.submit(command, command_id=os.urandom(16), actor=ACTOR)
            waits.append(perf_counter() - asked)
            assert type(receipt.events[0]) is Transferred

    started = perf_counter()
    await asyncio.gather(*(call(number * share) for number in range(callers)))
    elapsed = perf_counter() - started
    waits.sort()
    return Run(len(waits) / elapsed, waits[len(waits) * 99 // 100] * 1000)


async def run(server: Running, report: Report) -> None:
    """Measure pgbench, then 20, 64 and 500 callers, a hot account, and batches."""
    reference = tpcb_per_s(server)
    report.add("pgbench TPC-B-like, 16 clients, best of 3", reference, "tx/s")
    async with fresh(server) as bench:
        customers = await bench.customers(CUSTOMERS, CASH_MINOR)
        rates: dict[int, Run] = {}
        for callers, count in ((20, 100_000), (64, 150_000), (500, 200_000)):
            # A first run warms the server; the second counts.
            await measure(bench, callers, pairs(customers, count // 5, seed=callers))
            rates[callers] = await measure(bench, callers, pairs(customers, count, seed=callers + 1))
        report.add("20 callers", rates[20].per_s, "transfers/s", 10_000)
        report.add("20 callers, p99", rates[20].p99_ms, "ms", 5, AT_MOST)
        report.add("20 callers ÷ pgbench", rates[20].per_s / reference, "×", 2)
        report.add("64 callers", rates[64].per_s, "transfers/s", 15_000)
        report.add("64 callers, p99", rates[64].p99_ms, "ms")
        report.add("500 callers", rates[500].per_s, "transfers/s", 20_000)
        report.add("500 callers, p99", rates[500].p99_ms, "ms")
        report.add("500 callers ÷ pgbench", rates[500].per_s / reference, "×", 4)
        await _hot(bench, customers, report)
        await _batches(bench, customers, report)


async def _hot(bench: Bench, customers: Sequence[CustomerId], report: Report) -> None:
    """Compare one account that takes part in every transfer with an even spread, turn by turn."""
    hot, *others = customers
    for callers in (20, 500):
        even: list[float] = []
        heated: list[float] = []
        for turn in range(3):
            even.append((await measure(bench, callers, pairs(others, 60_000, seed=turn))).per_s)
            towards = [
                (hot, payee) if number % 2 else (payee, hot)
                for number, (payee, _) in enumerate(pairs(others, 60_000, turn))
            ]
            heated.append((await measure(bench, callers, towards)).per_s)
        report.add(f"{callers} callers, one hot account", max(heated), "transfers/s")
        report.add(f"{callers} callers, hot ÷ uniform", max(heated) / max(even), "×", 1.0)


async def _batches(bench: Bench, customers: Sequence[CustomerId], report: Report) -> None:
    """Submit batches of 1,000, of which 1 % are refused for lack of funds and 1 % repeat an earlier id."""
    chunks: list[list[tuple[bytes, Transfer]]] = []
    for number in range(100):
        chunk = [(os.urandom(16), Transfer(a, b, "USD", 1)) for a, b in pairs(customers, CHUNK, seed=number)]
        for place in range(0, CHUNK, 100):
            payer, payee = chunk[place][1].payer, chunk[place][1].payee
            chunk[place] = chunk[place][0], Transfer(payer, payee, "USD", 10**17)
            if chunks:
                chunk[place + 1] = chunks[-1][place + 2]
        chunks.append(chunk)
    started = perf_counter()
    replays = 0
    for chunk in chunks:
        answers = await asyncio.gather(*bench.inbox.submit_all(chunk, actor=ACTOR))
        replays += sum(replayed for _, replayed in answers)
    elapsed = perf_counter() - started
    assert replays == 990, replays
    report.add("batches of 1,000, 1 % refused, 1 % repeated", len(chunks) * CHUNK / elapsed, "transfers/s", 20_000)
