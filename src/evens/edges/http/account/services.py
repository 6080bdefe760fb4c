"""What the routes about one's own account need."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.core.values.ids import ChallengeId
from evens.edges.http.protocol.access import ANYONE, Access, Caller
from evens.store.account.choices import Choices
from evens.store.account.notifications import Notifications


@dataclass(frozen=True, slots=True)
class AccountServices:
    """What serves requests about preferences, favourites and notifications.

    ``token_of`` makes what opens a challenge.
    """

    choices: Choices
    notifications: Notifications
    token_of: Callable[[ChallengeId], str]


_services_of: Final = attrgetter("account")

AnyCaller = Annotated[Caller[AccountServices], Depends(Access[AccountServices](ANYONE, _services_of))]
