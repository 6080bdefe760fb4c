"""What the routes of pools need."""

from collections.abc import Awaitable, Hashable
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.core.receipts import Receipt
from evens.edges.http.pools.known_pools import KnownPools
from evens.edges.http.pools.proofs import Proofs
from evens.edges.http.pools.receipts import PoolReceipts
from evens.edges.http.pools.schedule import RoundSchedule
from evens.edges.http.protocol.access import ANYONE, OPERATORS, Access, Caller, Visitor, Visitors
from evens.edges.http.protocol.answering import Reply
from evens.edges.http.protocol.recent import RecentPages
from evens.store.pools.queries import PoolQueries


@dataclass(frozen=True, slots=True)
class PoolServices:
    """What serves requests about pools, rounds and bets in them."""

    reads: PoolQueries
    pools: KnownPools
    receipts: PoolReceipts
    schedule: RoundSchedule
    pages: RecentPages[Hashable, bytes]
    proofs: Proofs


_services_of: Final = attrgetter("pools")

AnyVisitor = Annotated[Visitor[PoolServices], Depends(Visitors[PoolServices](_services_of))]
AnyCaller = Annotated[Caller[PoolServices], Depends(Access[PoolServices](ANYONE, _services_of))]
OperatorCaller = Annotated[Caller[PoolServices], Depends(Access[PoolServices](OPERATORS, _services_of))]


def reply(services: PoolServices, receipt: Receipt) -> Awaitable[Reply]:
    """Return the reply to any command that the pools' routes submit."""
    return services.receipts.present(receipt)
