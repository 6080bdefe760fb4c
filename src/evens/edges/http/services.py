"""What the HTTP edge works with, handed in by whoever composes the program."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evens.core.values.odds import CLASSIC, FINEST, Ladder
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.challenges.presenting import ChallengePresenter
from evens.edges.http.challenges.receipts import ChallengeAnswers
from evens.edges.http.exchange.known_markets import KnownMarkets
from evens.edges.http.exchange.receipts import ExchangeAnswers
from evens.edges.http.operator.readiness import ReadinessProbe
from evens.edges.http.operator.shapes import ReadinessCheck
from evens.edges.http.operator.totals import RecentTotals
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.throttle import Throttle
from evens.edges.http.wallets.presenting import Presenter
from evens.edges.jobs.webhooks import Webhooks
from evens.identity.service import Identity
from evens.sequencer.inbox import Inbox
from evens.store.challenges.queries import ChallengeQueries
from evens.store.exchange.queries import ExchangeQueries
from evens.store.wallets.queries import Queries


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What an operator can choose.

    ``currency`` is meant where a request names none, ``commission_bps`` and ``min_stake`` (a decimal, scaled to the
    currency) where a new market does. ``ladders`` are those that a market can name. Challenges are offered at
    ``challenge_fee_bps``, and what their resolvers say can be disputed for ``challenge_dispute_window_ms``.
    """

    currency: str = "USD"
    registrations_per_minute_and_address: int = 600
    commission_bps: int = 500
    min_stake: str = "1.00"
    challenge_fee_bps: int = 200
    challenge_dispute_window_ms: int = 24 * 3600 * 1000
    ladders: Mapping[str, Ladder] = field(default_factory=lambda: {each.name: each for each in (CLASSIC, FINEST)})


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request can need. ``readiness`` tells, thing by thing, whether requests can be served now."""

    inbox: Inbox
    queries: Queries
    exchange: ExchangeQueries
    markets: KnownMarkets
    challenges: ChallengeQueries
    challenge_links: ChallengeLinks
    challenge_presenter: ChallengePresenter
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
    challenges: ChallengeQueries,
    challenge_links: ChallengeLinks,
    metrics: Metrics,
    currencies: Currencies,
    settings: HttpSettings | None = None,
) -> Services:
    """Return the services that follow from what lies behind the edge and from the operator's choices."""
    settings = settings or HttpSettings()
    totals = RecentTotals(queries)
    markets = KnownMarkets(exchange, currencies)
    challenge_presenter = ChallengePresenter(currencies, markets, challenge_links)
    return Services(
        inbox=inbox,
        queries=queries,
        exchange=exchange,
        markets=markets,
        challenges=challenges,
        challenge_links=challenge_links,
        challenge_presenter=challenge_presenter,
        identity=identity,
        webhooks=webhooks,
        currencies=currencies,
        presenter=Presenter(
            currencies,
            queries,
            ExchangeAnswers(currencies, exchange, markets),
            ChallengeAnswers(currencies, challenges, markets, challenge_presenter),
        ),
        metrics=metrics,
        totals=totals,
        registrations=Throttle("registrations", settings.registrations_per_minute_and_address),
        settings=settings,
        readiness=ReadinessProbe(queries, totals, inbox),
    )
