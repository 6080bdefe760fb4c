"""The rail's job: one at a time, whatever fails, and nothing where the server does not lead."""

import asyncio

import pytest
import structlog
from prometheus_client import CollectorRegistry

from evens.core.values.ids import CustomerId, TransferId
from evens.feeds.chain.job import ChainJob
from evens.feeds.chain.metrics import ChainMetrics
from evens.feeds.chain.protocols import Booked, ChainUnavailable
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.withdrawals import ChainWithdrawals
from evens.store.database import Database
from tests.waiting import until

pytestmark = pytest.mark.anyio


class Ledger:
    """Books that only say whether they are open."""

    is_open = True
    scale: int | None = 6

    async def credit(self, customer: CustomerId, amount_minor: int, reference: str, *, key: str) -> Booked:
        raise AssertionError

    async def complete(self, withdrawal: TransferId, *, key: str) -> Booked:
        raise AssertionError

    async def give_back(self, withdrawal: TransferId, *, key: str) -> Booked:
        raise AssertionError


class SlowRail:
    """A rail that counts its passes, how many are made at once, and fails if it is told to."""

    name = "slow"

    def __init__(self) -> None:
        self.at_once = self.at_once_max = self.watched = self.paid = 0
        self.trouble: Exception | None = None

    def address(self, customer: CustomerId) -> str:
        return "0x"

    async def watch(self) -> None:
        self.at_once += 1
        self.at_once_max = max(self.at_once_max, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.watched += 1
        if self.trouble is not None:
            raise self.trouble

    async def pay(self) -> None:
        self.paid += 1


def job_of(rail: SlowRail, books: Ledger, database: Database, registry: CollectorRegistry) -> ChainJob:
    tables = ChainDeposits(database), ChainWithdrawals(database)
    return ChainJob(rail, books, *tables, ChainMetrics(registry), every_s=0.001)


async def test_only_one_of_many_servers_works_on_a_rail(database: Database) -> None:
    """Pools 5: nonces under a lock."""
    rail, books = SlowRail(), Ledger()
    jobs = [job_of(rail, books, database, CollectorRegistry()) for _ in range(4)]
    running = [asyncio.create_task(job.run()) for job in jobs]
    await until(lambda: rail.watched >= 20)
    for job in jobs:
        job.stop()
    await asyncio.gather(*running)
    assert rail.at_once_max == 1


async def test_a_server_that_does_not_lead_or_knows_no_currency_yet_does_nothing(database: Database) -> None:
    rail, books = SlowRail(), Ledger()
    job = job_of(rail, books, database, CollectorRegistry())
    books.is_open, books.scale = False, None
    running = asyncio.create_task(job.run())
    await asyncio.sleep(0.05)
    assert rail.watched == 0
    books.is_open = True
    await asyncio.sleep(0.05)
    assert rail.watched == 0
    books.scale = 6
    await until(lambda: rail.paid > 0)
    job.stop()
    await running


async def test_trouble_with_one_part_stops_no_other_and_is_told_when_it_begins_and_ends(database: Database) -> None:
    """Pools 5: chain node down: operators told."""
    rail, registry = SlowRail(), CollectorRegistry()
    job = job_of(rail, Ledger(), database, registry)
    rail.trouble = ChainUnavailable("the node does not answer eth_blockNumber: TimeoutError")
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await job.once()
        assert registry.get_sample_value("evens_chain_failing", {"part": "watch"}) == 1
        assert registry.get_sample_value("evens_chain_failing", {"part": "pay"}) == 0
        rail.trouble = None
        await job.once()
    assert [(log["event"], log["part"]) for log in logs] == [("chain_waits", "watch"), ("chain_works_again", "watch")]
    assert registry.get_sample_value("evens_chain_failing", {"part": "watch"}) == 0
    assert (rail.watched, rail.paid) == (4, 4)
