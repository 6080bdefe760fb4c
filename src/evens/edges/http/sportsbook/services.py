"""What the routes of the sportsbook need."""

from collections.abc import Awaitable, Hashable
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.core.receipts import Receipt
from evens.edges.http.protocol.access import ANYONE, OPERATORS, Access, Caller, Visitor, Visitors
from evens.edges.http.protocol.answering import Reply
from evens.edges.http.protocol.recent import RecentPages
from evens.edges.http.sportsbook.known_events import KnownEvents
from evens.edges.http.sportsbook.line import LineView
from evens.edges.http.sportsbook.receipts import SportsbookReceipts
from evens.identity.principal import Role
from evens.store.fixed_odds.queries import SportsbookQueries


@dataclass(frozen=True, slots=True)
class SportsbookServices:
    """What serves requests about events, bets and the house's own money."""

    reads: SportsbookQueries
    events: KnownEvents
    receipts: SportsbookReceipts
    line: LineView
    pages: RecentPages[Hashable, bytes]


_services_of: Final = attrgetter("sportsbook")

AnyVisitor = Annotated[Visitor[SportsbookServices], Depends(Visitors[SportsbookServices](_services_of))]
AnyCaller = Annotated[Caller[SportsbookServices], Depends(Access[SportsbookServices](ANYONE, _services_of))]
OperatorCaller = Annotated[Caller[SportsbookServices], Depends(Access[SportsbookServices](OPERATORS, _services_of))]
AdminCaller = Annotated[Caller[SportsbookServices], Depends(Access[SportsbookServices]((Role.ADMIN,), _services_of))]


def reply(services: SportsbookServices, receipt: Receipt) -> Awaitable[Reply]:
    """Return the reply to any command that the sportsbook's routes submit."""
    return services.receipts.present(receipt)
