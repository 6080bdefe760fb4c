"""What the routes about challenges need."""

from collections.abc import Awaitable
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.core.commands.challenges import CHALLENGES_MAX
from evens.core.receipts import Receipt
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.challenges.presenting import ChallengePresenter
from evens.edges.http.challenges.receipts import ChallengeReceipts
from evens.edges.http.exchange.known_markets import KnownMarkets
from evens.edges.http.protocol.access import (
    ANYONE,
    OPERATORS,
    Access,
    Caller,
    Guest,
    Guests,
    Visitor,
    Visitors,
)
from evens.edges.http.protocol.answering import Reply
from evens.store.challenges.queries import ChallengeQueries
from evens.store.wallets.queries import Queries


@dataclass(frozen=True, slots=True)
class ChallengeSettings:
    """What an operator can choose.

    That is the winner's fee, for how long what a resolver said can be disputed, how long after a challenge has expired
    its resolver may still say something, and how many live challenges a user may have.
    """

    fee_bps: int = 200
    dispute_window_ms: int = 24 * 3600 * 1000
    resolve_within_ms: int = 30 * 24 * 3600 * 1000
    challenges_max: int = CHALLENGES_MAX


@dataclass(frozen=True, slots=True)
class ChallengeServices:
    """What serves requests about challenges. ``markets`` are those that can decide one."""

    queries: ChallengeQueries
    customers: Queries
    markets: KnownMarkets
    links: ChallengeLinks
    presenter: ChallengePresenter
    receipts: ChallengeReceipts
    settings: ChallengeSettings


_services_of: Final = attrgetter("challenges")

AnyVisitor = Annotated[Visitor[ChallengeServices], Depends(Visitors[ChallengeServices](_services_of))]
AnyGuest = Annotated[Guest[ChallengeServices], Depends(Guests[ChallengeServices](_services_of))]
AnyCaller = Annotated[Caller[ChallengeServices], Depends(Access[ChallengeServices](ANYONE, _services_of))]
OperatorCaller = Annotated[Caller[ChallengeServices], Depends(Access[ChallengeServices](OPERATORS, _services_of))]


def reply(services: ChallengeServices, receipt: Receipt) -> Awaitable[Reply]:
    """Return the reply to any command that the challenges' routes submit."""
    return services.receipts.present(receipt)
