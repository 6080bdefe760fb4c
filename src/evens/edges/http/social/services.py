"""What the routes about profiles, the leaderboard and follows need."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.core.values.ids import ChallengeId, CustomerId
from evens.core.values.records import RecordProduct
from evens.edges.http.protocol.access import ANYONE, Access, Caller, Guest, Guests, Visitor, Visitors
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.recent import RecentPages
from evens.edges.http.protocol.refusals import Refusals
from evens.store.following.queries import FollowingQueries
from evens.store.social.feed import FeedQueries
from evens.store.social.queries import Asking, SocialQueries

PROFILE_S: Final = 1.0
"""How long a profile is given to others as it was. Records are seconds behind the bets in any case."""


@dataclass(frozen=True, slots=True)
class ProfileAsked:
    """Whose profile is asked for, by whom, and in which product, currency and day."""

    username: str
    asking: Asking
    product: RecordProduct
    currency_number: int
    day: int


@dataclass(frozen=True, slots=True)
class SeenProfile:
    """A customer's profile as somebody sees it, encoded; ``None`` if it is not for them."""

    customer: CustomerId
    content: bytes | None


@dataclass(frozen=True, slots=True)
class SocialServices:
    """What serves requests about profiles, the leaderboard and follows.

    ``profiles`` are those that others and operators see; each owner sees their own anew.
    """

    reads: SocialQueries
    pages: RecentPages[Hashable, bytes]
    profiles: RecentPages[ProfileAsked, SeenProfile | None]
    feed: FeedQueries
    challenge_token: Callable[[ChallengeId], str]
    follows: FollowingQueries
    refusals: Refusals
    currencies: Currencies


_services_of: Final = attrgetter("social")

AnyVisitor = Annotated[Visitor[SocialServices], Depends(Visitors[SocialServices](_services_of))]
AnyGuest = Annotated[Guest[SocialServices], Depends(Guests[SocialServices](_services_of))]
AnyCaller = Annotated[Caller[SocialServices], Depends(Access[SocialServices](ANYONE, _services_of))]
