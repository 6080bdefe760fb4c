"""What the routes about the house itself need."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.edges.http.operator.approving import Approver
from evens.edges.http.operator.shapes import ReadinessCheck
from evens.edges.http.operator.totals import LiveTotals
from evens.edges.http.protocol.access import ANYONE, OPERATORS, Access, Caller, Visitor, Visitors
from evens.edges.http.protocol.booking import ItemBatch
from evens.edges.jobs.webhooks import Webhooks
from evens.store.wallets.queries import Queries


def _nothing() -> None:
    """Say that nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the server is that serves the routes.

    ``dead`` names its parts that have died for good; ``clock_trouble`` says what is wrong with the machine's clock, and
    ``line`` how old the line of each provider is, in words; ``None`` where none is read.
    """

    dead: Callable[[], Collection[str]] = tuple
    clock_trouble: Callable[[], str | None] = _nothing
    line: Callable[[], str | None] = _nothing


@dataclass(frozen=True, slots=True)
class OperatorServices:
    """What serves requests about the house, its webhooks and its outcomes.

    ``readiness`` tells, check by check, whether requests can be served now. ``batches`` are those of every product.
    ``metrics_are_closed`` to everybody but services and operators.
    """

    queries: Queries
    totals: LiveTotals
    readiness: Callable[[], Awaitable[Sequence[ReadinessCheck]]]
    webhooks: Webhooks
    batches: tuple[ItemBatch, ...]
    metrics_are_closed: bool
    condition: Condition
    approver: Approver


_services_of: Final = attrgetter("operator")

AnyVisitor = Annotated[Visitor[OperatorServices], Depends(Visitors[OperatorServices](_services_of))]
AnyCaller = Annotated[Caller[OperatorServices], Depends(Access[OperatorServices](ANYONE, _services_of))]
OperatorCaller = Annotated[Caller[OperatorServices], Depends(Access[OperatorServices](OPERATORS, _services_of))]
