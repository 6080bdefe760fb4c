"""Connects the chain rail to the gateway, the tables, the log and the HTTP edge."""

from dataclasses import dataclass
from importlib import import_module
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from evens.core.commands.every import Command
from evens.core.commands.wallets import CompleteWithdrawal, Deposit, RejectWithdrawal
from evens.core.events.ledger import Rejected, Transferred
from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.core.values.money import parse_amount
from evens.edges.gateway import Gateway
from evens.edges.http.chain.services import ChainServices
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.idempotency import command_id
from evens.feeds.chain.approving import Approving
from evens.feeds.chain.crediting import Crediting
from evens.feeds.chain.job import ChainJob
from evens.feeds.chain.metrics import ChainMetrics
from evens.feeds.chain.protocols import Booked
from evens.feeds.chain.protocols import Rail as ChainRail
from evens.feeds.chain.simulated import NAME, SimulatedRail
from evens.sequencer.errors import CommandFailed
from evens.settings import Settings
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.rows import UNDER_WAY, ChainDeposit, ChainWithdrawal
from evens.store.chain.withdrawals import ChainWithdrawals
from evens.store.database import Database
from evens.store.wallets.queries import Queries

ACTOR: Final = "feed:chain"

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ChainParts:
    """The rail that is in use, what its tables say, and its job."""

    rail: ChainRail
    deposits: ChainDeposits
    withdrawals: ChainWithdrawals
    job: ChainJob

    async def close(self) -> None:
        """Close every connection to the chain."""
        if not isinstance(self.rail, SimulatedRail):
            await import_module("evens.program.chain_evm").close(self.rail)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every rail works with."""

    deposits: ChainDeposits
    withdrawals: ChainWithdrawals
    books: "GatewayBooks"
    reports: "LogReports"
    metrics: ChainMetrics
    crediting: Crediting
    approving: Approving


def open_chain(
    settings: Settings, gateway: Gateway, database: Database, currencies: Currencies, registry: CollectorRegistry
) -> ChainParts | None:
    """Return the rail of the settings; ``None`` if there is none."""
    if settings.chain_rail == "off":
        return None
    desk = open_desk(settings, gateway, database, currencies, registry)
    if settings.chain_rail == "simulated":
        rail: ChainRail = SimulatedRail(desk.deposits, desk.withdrawals, desk.crediting, desk.approving)
    else:
        # The libraries for chains take seconds to import: only a server that uses one has them.
        rail = import_module("evens.program.chain_evm").open_rail(settings, desk)
    job = ChainJob(rail, desk.books, desk.deposits, desk.withdrawals, desk.metrics, settings.chain_every_s)
    return ChainParts(rail, desk.deposits, desk.withdrawals, job)


def open_desk(
    settings: Settings, gateway: Gateway, database: Database, currencies: Currencies, registry: CollectorRegistry
) -> Desk:
    """Return what a rail of these settings works with."""
    name = NAME if settings.chain_rail == "simulated" else f"evm-{settings.chain_id}"
    deposits, withdrawals = ChainDeposits(database), ChainWithdrawals(database)
    books = GatewayBooks(gateway, currencies, settings.chain_currency)
    reports, metrics = LogReports(), ChainMetrics(registry)

    def limit_minor() -> int:
        scale, limit = books.scale, settings.chain_approval_limit
        return 0 if scale is None or limit == "0" else parse_amount(limit, scale)

    return Desk(
        deposits,
        withdrawals,
        books,
        reports,
        metrics,
        Crediting(name, deposits, books, reports, metrics),
        Approving(name, settings.chain_currency, withdrawals, books, reports, limit_minor),
    )


class GatewayBooks:
    """Implements :class:`evens.feeds.chain.protocols.Books` on the gateway."""

    def __init__(self, gateway: Gateway, currencies: Currencies, currency: str) -> None:
        self._gateway = gateway
        self._currencies = currencies
        self._currency = currency

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        return self._gateway.closed_because is None

    @property
    def scale(self) -> int | None:
        """The digits of the currency, once the currencies are known."""
        return next((each.scale for each in self._currencies.known() if each.code == self._currency), None)

    async def credit(self, customer: CustomerId, amount_minor: int, reference: str, *, key: str) -> Booked:
        """Book a deposit."""
        return await self._submit(
            Deposit(customer, self._currency, amount_minor, Rail.CHAIN, None, reference), f"deposit/{key}"
        )

    async def complete(self, withdrawal: TransferId, *, key: str) -> Booked:
        """Let what was set aside leave over the chain."""
        return await self._submit(CompleteWithdrawal(withdrawal, Rail.CHAIN), f"withdrawal/{key}")

    async def give_back(self, withdrawal: TransferId, *, key: str) -> Booked:
        """Return what was set aside."""
        return await self._submit(RejectWithdrawal(withdrawal), f"withdrawal/{key}")

    async def _submit(self, command: Command, key: str) -> Booked:
        try:
            receipt, _ = await self._gateway.submit(command, command_id=command_id(ACTOR, key), actor=ACTOR)
        except CommandFailed:
            # It was set aside and is never tried again. One that cannot be decided must not keep the others waiting.
            return Booked(refused="command_failed")
        first = receipt.events[0]
        if isinstance(first, Rejected):
            return Booked(refused=first.reason)
        return Booked(transfer=first.transfer if isinstance(first, Transferred) else None)


class LogReports:
    """Implements :class:`evens.feeds.chain.protocols.Reports`: logs errors, the level that operators monitor."""

    def report(self, what: str, **facts: object) -> None:
        """Log what happened. What strangers can bring about at will is a warning."""
        log = _log.warning if what == "chain_arrival_ignored" else _log.error
        log(what, **facts)


class EdgeRail:
    """Implements :class:`evens.edges.http.chain.services.ChainRail`."""

    def __init__(self, parts: ChainParts, currency: str) -> None:
        self._rail = parts.rail
        self._deposits = parts.deposits
        self._withdrawals = parts.withdrawals
        self.name = parts.rail.name
        self.currency = currency
        self.is_simulated = isinstance(parts.rail, SimulatedRail)

    async def address(self, customer: CustomerId) -> str:
        """Return the customer's address, which is watched from then on."""
        return await self._deposits.keep_address(self.name, customer, self._rail.address(customer))

    async def arrive(self, customer: CustomerId, amount_minor: int, tx_hash: str, index: int) -> ChainDeposit | None:
        """Credit what is said to have arrived over a simulated rail."""
        assert isinstance(self._rail, SimulatedRail)
        return await self._rail.arrive(customer, amount_minor, tx_hash, index)

    async def approve(self, withdrawal: TransferId, by: str) -> ChainWithdrawal | None:
        """Approve a payout, which is taken up before if it was not."""
        await self._withdrawals.take_up(self.name, self.currency, withdrawal)
        return await self._withdrawals.approve(withdrawal, by) or await self._withdrawals.one(withdrawal)


class EdgeTables:
    """Implements :class:`evens.edges.http.chain.services.ChainTables`, and the payouts of the wallets' routes."""

    def __init__(self, parts: ChainParts, currency: str) -> None:
        self._rail = parts.rail.name
        self._currency = currency
        self.deposits = parts.deposits.deposits
        self.withdrawals = parts.withdrawals.many
        self.withdrawal = parts.withdrawals.one
        self._withdrawals = parts.withdrawals

    async def claim(self, withdrawal: TransferId, *, is_paid: bool) -> bool:
        """Keep a withdrawal from being paid out. One that is not taken up yet is, so that it cannot be later."""
        await self._withdrawals.take_up(self._rail, self._currency, withdrawal)
        if await self._withdrawals.claim(withdrawal, "by_hand" if is_paid else "rejected") is not None:
            return True
        payout = await self._withdrawals.one(withdrawal)
        return payout is None or payout.status not in UNDER_WAY


def edge_of(parts: ChainParts | None, settings: Settings, queries: Queries) -> ChainServices | None:
    """Return what the HTTP edge needs of the rail, if there is one."""
    if parts is None:
        return None
    rail, tables = EdgeRail(parts, settings.chain_currency), EdgeTables(parts, settings.chain_currency)
    return ChainServices(rail, tables, tables, queries)
