"""What an operator has chosen, as the HTTP edge takes it, and what of it everybody may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from evens.core.values.fixed_odds import LEGS_MAX
from evens.edges.http.chain.services import ChainRail
from evens.edges.http.challenges.services import ChallengeSettings
from evens.edges.http.exchange.bodies import ORDERS_PER_BATCH_MAX
from evens.edges.http.exchange.services import ExchangeSettings
from evens.edges.http.operator.shapes import ConfigFeatures, ConfigLimits, ConfigRail, PublicChoices
from evens.edges.http.protocol.texts import TEXT_LENGTH_MAX
from evens.edges.http.protocol.two_operators import Kind
from evens.identity import passwords
from evens.identity.passkey_place import passkey_place

NAME: Final = "Evens"

STREAM: Final = "/v1/stream"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What an operator can choose. ``currency`` is meant where a request names none.

    A limit per minute of 0 is none. ``cors_origins`` are those of web pages whose scripts may use the API, ``*`` for
    every page. ``metrics_are_closed`` to everybody but services and operators. ``public_url`` is where browsers reach
    this server. ``two_operators`` are the kinds that take a second one, with the amount above which they do.
    """

    currency: str = "USD"
    registrations_per_minute_and_address: int = 600
    requests_per_minute: int = 6_000
    service_requests_per_minute: int = 1_000_000
    cors_origins: frozenset[str] = frozenset()
    metrics_are_closed: bool = False
    is_public_by_https: bool = False
    public_url: str = ""
    two_operators: Mapping[Kind, str | None] = field(default_factory=dict[Kind, str | None])
    approvals_expire_s: float = 24 * 3600.0
    exchange: ExchangeSettings = field(default_factory=ExchangeSettings)
    challenges: ChallengeSettings = field(default_factory=ChallengeSettings)


def public_choices(settings: HttpSettings, rail: ChainRail | None, *, is_demo: bool, has_line: bool) -> PublicChoices:
    """Return what everybody may know."""
    place = passkey_place(settings.public_url)
    return PublicChoices(
        NAME,
        is_demo,
        settings.currency,
        settings.exchange.commission_bps,
        settings.challenges.fee_bps,
        STREAM,
        ConfigFeatures(
            sportsbook=has_line,
            pools=True,
            passkey_origin=None if place is None else place.origin,
            chain_rail=None if rail is None else ConfigRail(rail.name, rail.currency, rail.is_simulated),
        ),
        ConfigLimits(
            min_stake=settings.exchange.min_stake,
            text_length_max=TEXT_LENGTH_MAX,
            password_length_min=passwords.LENGTH_MIN,
            password_length_max=passwords.LENGTH_MAX,
            orders_per_batch_max=ORDERS_PER_BATCH_MAX,
            orders_per_market_max=settings.exchange.orders_max,
            legs_max=LEGS_MAX,
            challenges_max=settings.challenges.challenges_max,
        ),
    )
