"""What the routes of the chain rail export to the HTTP API."""

from operator import attrgetter
from typing import Final

from evens.edges.http.chain import routes
from evens.edges.http.chain.services import ChainServices
from evens.edges.http.protocol.feature import Feature
from evens.edges.http.protocol.proposing import Proposable

_APPROVAL: Final = Proposable[ChainServices](
    "approve_withdrawal", attrgetter("chain"), routes.read_approval, before=routes.approve
)

FEATURE: Final = Feature(endpoints=(routes.ENDPOINTS,), proposables=(_APPROVAL,))
