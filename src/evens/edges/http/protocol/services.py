"""What serves every request, whichever product it is about. What one product's routes need is in its own room."""

from dataclasses import dataclass

from evens.edges.gateway import Gateway
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.receipts import ReceiptPresenter
from evens.edges.http.protocol.refusals import Refusals
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.edges.http.protocol.two_operators import TwoOperators
from evens.identity.service import Identity


@dataclass(frozen=True, slots=True)
class SharedServices:
    """The parts that all routes share. ``default_currency`` is the code that is meant where a request names none."""

    gateway: Gateway
    identity: Identity
    currencies: Currencies
    default_currency: str
    refusals: Refusals
    presenter: ReceiptPresenter
    metrics: Metrics
    throttle: CallerThrottle
    two_operators: TwoOperators
