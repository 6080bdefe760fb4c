"""What the HTTP edge works with, handed in by whoever composes the program."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from evens.edges.http.currencies import Currencies
from evens.edges.http.metrics import Metrics
from evens.edges.http.presenting import Presenter
from evens.edges.http.readiness import ReadinessProbe
from evens.edges.http.throttle import Throttle
from evens.edges.http.totals import RecentTotals
from evens.edges.http.wire.answers import ReadinessCheck
from evens.edges.jobs.webhooks import Webhooks
from evens.identity.service import Identity
from evens.sequencer.inbox import Inbox
from evens.store.exchange_queries import ExchangeQueries
from evens.store.queries import Queries


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What an operator can choose. ``currency`` is meant where a request names none."""

    currency: str = "USD"
    registrations_per_minute_and_address: int = 600


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request can need. ``readiness`` tells, thing by thing, whether requests can be served now."""

    inbox: Inbox
    queries: Queries
    exchange: ExchangeQueries
    identity: Identity
    webhooks: Webhooks
    currencies: Currencies
    presenter: Presenter
    metrics: Metrics
    totals: RecentTotals
    registrations: Throttle
    settings: HttpSettings
    readiness: Callable[[], Awaitable[Sequence[ReadinessCheck]]]


def compose_services(
    inbox: Inbox,
    queries: Queries,
    exchange: ExchangeQueries,
    identity: Identity,
    webhooks: Webhooks,
    *,
    metrics: Metrics,
    currencies: Currencies,
    settings: HttpSettings | None = None,
) -> Services:
    """Return the services that follow from what lies behind the edge and from the operator's choices."""
    settings = settings or HttpSettings()
    totals = RecentTotals(queries)
    return Services(
        inbox=inbox,
        queries=queries,
        exchange=exchange,
        identity=identity,
        webhooks=webhooks,
        currencies=currencies,
        presenter=Presenter(currencies, queries),
        metrics=metrics,
        totals=totals,
        registrations=Throttle("registrations", settings.registrations_per_minute_and_address),
        settings=settings,
        readiness=ReadinessProbe(queries, totals, inbox),
    )
