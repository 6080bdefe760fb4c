"""What an operator has chosen, as the HTTP edge takes it."""

from evens.console_settings import parse_two_operators
from evens.edges.http.challenges.services import ChallengeSettings
from evens.edges.http.exchange.services import ExchangeSettings
from evens.edges.http.protocol.two_operators import Kind
from evens.edges.http.services import HttpSettings
from evens.settings import Settings, parse_cors_origins, parse_ladders


def http_settings(settings: Settings, public_url: str) -> HttpSettings:
    """Return the choices; ``public_url`` is where browsers reach this server."""
    return HttpSettings(
        currency=settings.currency,
        requests_per_minute=settings.requests_per_minute,
        service_requests_per_minute=settings.service_requests_per_minute,
        cors_origins=parse_cors_origins(settings.cors_origins),
        metrics_are_closed=settings.metrics == "closed",
        is_public_by_https=public_url.startswith("https://"),
        public_url=public_url,
        two_operators={Kind(kind): above for kind, above in parse_two_operators(settings.two_operators).items()},
        approvals_expire_s=settings.approvals_expire_s,
        exchange=ExchangeSettings(
            settings.commission_bps,
            settings.min_stake,
            parse_ladders(settings.ladders),
            settings.orders_per_market_max,
        ),
        challenges=ChallengeSettings(
            settings.challenge_fee_bps,
            settings.challenge_dispute_window_s * 1000,
            settings.challenge_resolve_within_s * 1000,
            settings.challenges_max,
        ),
    )
