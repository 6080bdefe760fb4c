"""What the routes about the house itself need."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.edges.http.operator.approving import Approver
from evens.edges.http.operator.auditing import Auditor, NoAuditor
from evens.edges.http.operator.shapes import FeedState, PublicChoices, ReadinessCheck
from evens.edges.http.operator.totals import LiveTotals
from evens.edges.http.protocol.access import ANYONE, OPERATORS, Access, Caller, Visitor, Visitors
from evens.edges.http.protocol.booking import ItemBatch
from evens.edges.jobs.webhooks import Webhooks
from evens.store.console.customers import ConsoleQueries
from evens.store.console.journal import JournalQueries
from evens.store.console.ledger import LedgerQueries
from evens.store.pools.queries import PoolLocked
from evens.store.wallets.queries import Queries


def _nothing() -> None:
    """Say that nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the server is that serves the routes.

    ``dead`` names its parts that have died for good; ``clock_trouble`` says what is wrong with the machine's clock, and
    ``line`` how old the line of each provider is, in words; ``None`` where none is read. ``pools`` says how far
    each pool is, ``chain`` how its rail is; ``None`` where there is none. ``auditor`` runs audits, and ``feeds`` says
    how everything is that the server listens to.
    """

    dead: Callable[[], Collection[str]] = tuple
    clock_trouble: Callable[[], str | None] = _nothing
    line: Callable[[], str | None] = _nothing
    pools: Callable[[], str | None] = _nothing
    chain: Callable[[], str | None] = _nothing
    auditor: Auditor = field(default_factory=NoAuditor)
    feeds: Callable[[], Sequence[FeedState]] = tuple


Conflict = tuple[str, str, str, str]
"""A product, the id of a thing of it, what that is called, and what contradicts what."""


@dataclass(frozen=True, slots=True)
class OperatorServices:
    """What serves requests about the house, its webhooks and its outcomes.

    ``readiness`` tells, check by check, whether requests can be served now. ``batches`` are those of every product.
    ``metrics_are_closed`` to everybody but services and operators. ``choices`` are what everybody may know. ``sought``
    returns the number of an event, a round, a pool or a challenge by its id, or raises the 404 of its room.
    ``conflicts`` are those of all products; ``risks`` has events by id and title with what the house can lose on them
    in a currency, in minor units, the most first.
    """

    queries: Queries
    totals: LiveTotals
    readiness: Callable[[], Awaitable[Sequence[ReadinessCheck]]]
    webhooks: Webhooks
    batches: tuple[ItemBatch, ...]
    metrics_are_closed: bool
    condition: Condition
    locked_in_pools: Callable[[], Awaitable[Sequence[PoolLocked]]]
    choices: PublicChoices
    approver: Approver
    ledger: LedgerQueries
    journal: JournalQueries
    console: ConsoleQueries
    sought: Callable[[str, str], Awaitable[int]]
    conflicts: Callable[[], Awaitable[Sequence[Conflict]]]
    risks: Callable[[int], Awaitable[Sequence[tuple[str, str, int]]]]


_services_of: Final = attrgetter("operator")

AnyVisitor = Annotated[Visitor[OperatorServices], Depends(Visitors[OperatorServices](_services_of))]
AnyCaller = Annotated[Caller[OperatorServices], Depends(Access[OperatorServices](ANYONE, _services_of))]
OperatorCaller = Annotated[Caller[OperatorServices], Depends(Access[OperatorServices](OPERATORS, _services_of))]
