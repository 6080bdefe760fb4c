"""The chain rail on a real chain and a real house: anvil, PostgreSQL, the sequencer, and a signer on its socket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.wallets import RequestWithdrawal
from evens.core.events.ledger import Transferred
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId, account_id
from evens.edges.http.protocol.currencies import Currencies
from evens.feeds.chain.evm.rail import EvmRail
from evens.feeds.chain.evm.signer import Signer, SignerRules, make_key, read_key, serve_signer
from evens.program import chain as joining
from evens.program.chain import Desk, open_desk
from evens.program.chain_evm import open_rail
from evens.program.in_process import InProcessGateway
from evens.settings import Settings
from evens.store.database import Database
from evens.store.wallets.queries import Queries
from tests.conftest import Stage
from tests.feeds.chain.chain import CHAIN_ID, COIN, Chain, Token, deploy, running_chain

# The extended public key of the account m/44'/60'/0' of the mnemonic "test test … junk", which everybody knows.
XPUB = "xpub6Ce9NcJvTk36xtLSrJLZqE7wtgA5deCeYs7rSQtreh4cj6ByPtrg9sD7V2FNFLPnf8heNP3FGkeV9qwfzvZNSd54JoNXVsXFYSYwHsnJxqP"

RAIL = f"evm-{CHAIN_ID}"
CONFIRMATIONS = 3
LIMIT = 10**60


@dataclass(slots=True)
class Reported:
    """Hears what operators are told."""

    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def report(self, what: str, **facts: Any) -> None:
        self.said.append((what, facts))

    def words(self) -> list[str]:
        return [what for what, _ in self.said]


@dataclass(slots=True)
class Quay:
    """Where a house meets a chain."""

    chain: Chain
    token: Token
    stage: Stage
    database: Database
    settings: Settings
    reports: Reported
    registry: CollectorRegistry
    desk: Desk
    rail: EvmRail

    async def address(self, customer: CustomerId) -> str:
        return await self.desk.deposits.keep_address(self.rail.name, customer, self.rail.address(customer))

    def cash(self, customer: CustomerId, account_class: AccountClass = AccountClass.CASH) -> int:
        number = self.stage.sequencer.house.ledger.currencies["USDC"].number
        return self.stage.sequencer.house.ledger.balances.get(account_id(customer, number, account_class), 0)

    def outside(self) -> int:
        number = self.stage.sequencer.house.ledger.currencies["USDC"].number
        account = account_id(Rail.CHAIN, number, AccountClass.EXTERNAL)
        return self.stage.sequencer.house.ledger.balances.get(account, 0)

    async def restart(self) -> None:
        """Begin again with nothing but what is in the tables."""
        await self.rail.close()
        self.registry = CollectorRegistry()
        self.desk, self.rail = await rail_of(self.stage, self.database, self.settings, self.reports, self.registry)

    async def request(self, customer: CustomerId, amount_minor: int, destination: str) -> TransferId:
        booked = await self.stage.submit(RequestWithdrawal(customer, "USDC", amount_minor, None, destination))
        first = booked.events[0]
        assert isinstance(first, Transferred)
        return first.transfer

    async def status(self, withdrawal: TransferId) -> tuple[str, str | None]:
        found = await self.desk.withdrawals.one(withdrawal)
        assert found is not None
        return found.status, found.reason

    async def arrivals(self) -> list[tuple[str, str | None, int | None]]:
        rows = await self.desk.deposits.deposits(None, None, ignored=True, before=2**62, limit=1000)
        return [(row.status, row.reason, row.arrival.amount_minor) for row in reversed(rows)]


async def rail_of(
    stage: Stage,
    database: Database,
    settings: Settings,
    reports: Reported,
    registry: CollectorRegistry | None = None,
) -> tuple[Desk, EvmRail]:
    queries = Queries(database)
    gateway = InProcessGateway(stage.inbox, queries)
    currencies = Currencies(await queries.currencies())
    desk = open_desk(settings, gateway, database, currencies, registry or CollectorRegistry())
    return desk, open_rail(settings, desk)


@pytest.fixture
def chain() -> Iterator[Chain]:
    with running_chain() as chain:
        yield chain


@asynccontextmanager
async def signing(chain: Chain, token: Token, folder: Path) -> AsyncGenerator[Path]:
    """Run a signer whose account has coins and a thousand tokens; yield its socket."""
    address = make_key(folder / "signer.key")
    token.mint(address, 1_000_000_000)
    chain.ask("anvil_setBalance", address, hex(100 * COIN))
    chain.mine()
    signer = Signer(read_key(folder / "signer.key"), SignerRules(CHAIN_ID, token.address, LIMIT, LIMIT, 10**12))
    ready, place = asyncio.Event(), folder / "signer.sock"
    serving = asyncio.create_task(serve_signer(signer, place, None, ready.set))
    await asyncio.wait_for(ready.wait(), 10)
    yield place
    serving.cancel()
    await asyncio.wait([serving])


@pytest.fixture
async def signer(chain: Chain, token: Token, tmp_path: Path) -> AsyncIterator[Path]:
    async with signing(chain, token, tmp_path) as place:
        yield place


@pytest.fixture
def token(chain: Chain) -> Token:
    return deploy(chain)


def settings_of(chain: Chain, token: Token, **more: Any) -> Settings:
    return Settings(
        chain_rail="evm",
        chain_url=chain.url,
        chain_id=CHAIN_ID,
        chain_token=token.address,
        chain_xpub=XPUB,
        chain_confirmations=CONFIRMATIONS,
        **more,
    )


@pytest.fixture
async def quay(
    chain: Chain, token: Token, stage: Stage, database: Database, signer: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Quay]:
    reports = Reported()
    monkeypatch.setattr(joining, "LogReports", lambda: reports)
    chain.mine(5)
    settings = settings_of(chain, token, chain_signer=signer)
    registry = CollectorRegistry()
    desk, rail = await rail_of(stage, database, settings, reports, registry)
    quay = Quay(chain, token, stage, database, settings, reports, registry, desk, rail)
    await rail.watch()
    yield quay
    await quay.rail.close()
