"""What the HTTP edge works with, handed in by whoever composes the program."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.edges.gateway import Gateway
from evens.edges.http.account.services import AccountServices
from evens.edges.http.across import Across
from evens.edges.http.chain.services import ChainServices, no_chain
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.challenges.presenting import ChallengePresenter
from evens.edges.http.challenges.receipts import ChallengeReceipts
from evens.edges.http.challenges.services import ChallengeServices
from evens.edges.http.exchange.known_markets import KnownMarkets
from evens.edges.http.exchange.receipts import ExchangeReceipts
from evens.edges.http.exchange.services import ExchangeServices
from evens.edges.http.features import (
    BATCHES,
    CHALLENGES,
    EXCHANGE,
    LOGIN,
    POOLS,
    PROPOSABLES,
    REFUSALS,
    SPORTSBOOK,
    WALLETS,
)
from evens.edges.http.login.mails import Mailer
from evens.edges.http.login.services import Entrance, LoginServices
from evens.edges.http.operator.approving import Approver
from evens.edges.http.operator.readiness import ReadinessProbe
from evens.edges.http.operator.services import Condition, OperatorServices
from evens.edges.http.operator.shapes import PublicChoices
from evens.edges.http.operator.totals import LiveTotals, RecentTotals
from evens.edges.http.pools.known_pools import KnownPools
from evens.edges.http.pools.proofs import Proofs
from evens.edges.http.pools.receipts import PoolReceipts
from evens.edges.http.pools.schedule import NoSchedule, RoundSchedule
from evens.edges.http.pools.services import PoolServices
from evens.edges.http.protocol.answering import Reply
from evens.edges.http.protocol.cookies import SessionCookies
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.protocol.own_origin import OwnOrigin
from evens.edges.http.protocol.receipts import ReceiptPresenter
from evens.edges.http.protocol.recent import RecentPages
from evens.edges.http.protocol.refusals import Refusals
from evens.edges.http.protocol.services import SharedServices
from evens.edges.http.protocol.throttle import CallerThrottle, Throttle
from evens.edges.http.protocol.two_operators import BoundGuard, TwoOperators, bind_guards
from evens.edges.http.reads import Reads
from evens.edges.http.settings import HttpSettings, public_choices
from evens.edges.http.social.feature import FEATURE as SOCIAL
from evens.edges.http.social.services import PROFILE_S, ProfileAsked, SeenProfile, SocialServices
from evens.edges.http.sportsbook.known_events import KnownEvents
from evens.edges.http.sportsbook.line import LineView, NoProviders
from evens.edges.http.sportsbook.receipts import SportsbookReceipts
from evens.edges.http.sportsbook.services import SportsbookServices
from evens.edges.http.sportsbook.webhooks import LineIntake, NoIntake
from evens.edges.http.subjects import KnownSubjects
from evens.edges.http.wallets.presenting import WalletPresenter
from evens.edges.http.wallets.services import WalletServices
from evens.edges.jobs.webhooks import Webhooks
from evens.identity.cookies import COOKIE_LIFETIME
from evens.identity.passkey_place import passkey_place
from evens.identity.service import Identity
from evens.store.account.choices import Choices
from evens.store.account.notifications import Notifications
from evens.store.database import Database
from evens.store.exchange.prices import PriceQueries
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.following.queries import FollowingQueries
from evens.store.pools.queries import PoolQueries
from evens.store.social.feed import FeedQueries
from evens.store.social.queries import SocialQueries
from evens.store.wallets.queries import Queries
from evens.store.wallets.withdrawals import WithdrawalQueries

_REGISTRATIONS: Final = "Too many registrations from your address"
_FINE: Final = Condition()

_Products: TypeAlias = tuple[WalletServices, ExchangeServices, ChallengeServices, SportsbookServices, PoolServices]


@dataclass(frozen=True, slots=True)
class Services(SharedServices):
    """Everything a request can need: what all routes share, what those of each room need, and what was chosen."""

    wallets: WalletServices
    exchange: ExchangeServices
    challenges: ChallengeServices
    sportsbook: SportsbookServices
    pools: PoolServices
    login: LoginServices
    operator: OperatorServices
    chain: ChainServices
    account: AccountServices
    social: SocialServices
    line_intake: LineIntake
    settings: HttpSettings


def compose_services(
    gateway: Gateway,
    reads: Reads,
    identity: Identity,
    webhooks: Webhooks,
    *,
    challenge_links: ChallengeLinks,
    metrics: Metrics,
    currencies: Currencies,
    schedule: RoundSchedule | None = None,
    line: LineView | None = None,
    line_intake: LineIntake | None = None,
    mailer: Mailer | None = None,
    chain: ChainServices | None = None,
    settings: HttpSettings | None = None,
    condition: Condition = _FINE,
    demo: Entrance | None = None,
) -> Services:
    """Return the services that follow from what lies behind the edge and from the operator's choices."""
    settings, refusals = settings or HttpSettings(), Refusals(REFUSALS, currencies)
    for_chain = chain or no_chain(reads.wallets)
    outside, is_demo = (line or NoProviders(), schedule or NoSchedule()), demo is not None
    products = _product_services(reads, refusals, currencies, settings, challenge_links, for_chain, *outside, is_demo)
    for_login = _login_services(reads.wallets, mailer, identity, settings, demo)
    choices = public_choices(settings, for_chain.rail, is_demo=is_demo, has_line=line is not None)
    personal = _personal_services(reads.wallets.database, challenge_links, refusals, currencies)
    replies = _replies(*products) | LOGIN.bind(for_login) | SOCIAL.bind(personal[1])
    presenter, composed = ReceiptPresenter(replies), list[Services]()
    approver = _approver(gateway, reads, presenter, settings, lambda: composed[0])
    across = Across(*products, reads.console, currencies, condition)
    services = Services(
        gateway,
        identity,
        currencies,
        settings.currency,
        refusals,
        presenter,
        metrics,
        CallerThrottle(settings.requests_per_minute, settings.service_requests_per_minute),
        TwoOperators(settings.two_operators, _guards(*products), currencies.by_number),
        *products,
        for_login,
        _operator_services(gateway, reads, webhooks, settings, choices, approver, across),
        for_chain,
        *personal,
        line_intake or NoIntake(),
        settings,
    )
    composed.append(services)
    return services


def _approver(
    gateway: Gateway,
    reads: Reads,
    presenter: ReceiptPresenter,
    settings: HttpSettings,
    composed: Callable[[], Services],
) -> Approver:
    expires_s = settings.approvals_expire_s
    return Approver(reads.approvals, reads.rehearsals, gateway, presenter, PROPOSABLES, composed, expires_s)


def _product_services(
    reads: Reads,
    refusals: Refusals,
    currencies: Currencies,
    settings: HttpSettings,
    challenge_links: ChallengeLinks,
    chain: ChainServices,
    line: LineView,
    schedule: RoundSchedule,
    is_demo: bool,
) -> _Products:
    """Return what serves requests about each product."""
    markets = KnownMarkets(reads.exchange, currencies)
    return (
        _wallet_services(reads, challenge_links, currencies, refusals, chain, is_demo=is_demo),
        _exchange_services(reads, markets, refusals, settings),
        _challenge_services(reads, markets, currencies, challenge_links, refusals, settings),
        _sportsbook_services(reads.sportsbook, refusals, currencies, line),
        _pool_services(reads.pools, refusals, currencies, schedule),
    )


def _replies(
    wallets: WalletServices,
    exchange: ExchangeServices,
    challenges: ChallengeServices,
    sportsbook: SportsbookServices,
    pools: PoolServices,
) -> dict[type[Command], Callable[[Receipt], Awaitable[Reply]]]:
    """Return how every command of a product is answered."""
    return {
        **WALLETS.bind(wallets),
        **EXCHANGE.bind(exchange),
        **CHALLENGES.bind(challenges),
        **SPORTSBOOK.bind(sportsbook),
        **POOLS.bind(pools),
    }


def _guards(
    wallets: WalletServices,
    exchange: ExchangeServices,
    challenges: ChallengeServices,
    sportsbook: SportsbookServices,
    pools: PoolServices,
) -> dict[type[Command], BoundGuard]:
    """Return how every command is judged that can be made to take two operators."""
    return {
        **bind_guards(WALLETS.guards, wallets),
        **bind_guards(EXCHANGE.guards, exchange),
        **bind_guards(CHALLENGES.guards, challenges),
        **bind_guards(SPORTSBOOK.guards, sportsbook),
        **bind_guards(POOLS.guards, pools),
    }


def _personal_services(
    database: Database, links: ChallengeLinks, refusals: Refusals, currencies: Currencies
) -> tuple[AccountServices, SocialServices]:
    """Return what serves requests about one's own pages, and about those of others."""
    feed, follows = FeedQueries(database), FollowingQueries(database)
    profiles: RecentPages[ProfileAsked, SeenProfile | None] = RecentPages(page_s=PROFILE_S)
    social = SocialServices(
        SocialQueries(database), RecentPages(), profiles, feed, links.token_of, follows, refusals, currencies
    )
    return AccountServices(Choices(database), Notifications(database), links.token_of), social


def _wallet_services(
    reads: Reads,
    links: ChallengeLinks,
    currencies: Currencies,
    refusals: Refusals,
    chain: ChainServices,
    *,
    is_demo: bool,
) -> WalletServices:
    queries, presenter = reads.wallets, WalletPresenter(currencies)
    withdrawals, subjects = WithdrawalQueries(queries.database), KnownSubjects(reads.subjects, links.token_of)
    return WalletServices(queries, withdrawals, presenter, currencies, refusals, chain.payouts, subjects, is_demo)


def _exchange_services(
    reads: Reads, markets: KnownMarkets, refusals: Refusals, settings: HttpSettings
) -> ExchangeServices:
    receipts = ExchangeReceipts(refusals, reads.exchange, markets)
    prices = PriceQueries(reads.exchange.database)
    return ExchangeServices(reads.exchange, prices, markets, receipts, settings.exchange)


def _challenge_services(
    reads: Reads,
    markets: KnownMarkets,
    currencies: Currencies,
    links: ChallengeLinks,
    refusals: Refusals,
    settings: HttpSettings,
) -> ChallengeServices:
    presenter = ChallengePresenter(currencies, markets, links)
    answers = ChallengeReceipts(refusals, reads.challenges, markets, presenter)
    return ChallengeServices(reads.challenges, reads.wallets, markets, links, presenter, answers, settings.challenges)


def _sportsbook_services(
    reads: SportsbookQueries, refusals: Refusals, currencies: Currencies, line: LineView
) -> SportsbookServices:
    events = KnownEvents(reads)
    receipts = SportsbookReceipts(refusals, reads, events, currencies)
    return SportsbookServices(reads, events, receipts, line, RecentPages())


def _pool_services(
    reads: PoolQueries, refusals: Refusals, currencies: Currencies, schedule: RoundSchedule
) -> PoolServices:
    receipts = PoolReceipts(refusals, currencies, reads)
    return PoolServices(reads, KnownPools(reads, currencies), receipts, schedule, RecentPages(), Proofs(reads))


def _login_services(
    queries: Queries, mailer: Mailer | None, identity: Identity, settings: HttpSettings, demo: Entrance | None
) -> LoginServices:
    registrations = Throttle(_REGISTRATIONS, settings.registrations_per_minute_and_address)
    cookies = SessionCookies(identity.cookies, OwnOrigin(settings.public_url), COOKIE_LIFETIME)
    return LoginServices(queries, registrations, cookies, mailer, demo, passkey_place(settings.public_url))


def _operator_services(
    gateway: Gateway,
    reads: Reads,
    webhooks: Webhooks,
    settings: HttpSettings,
    choices: PublicChoices,
    approver: Approver,
    across: Across,
) -> OperatorServices:
    queries, condition = reads.wallets, across.condition
    recent = RecentTotals(queries)
    # Whether the books balance is asked of the tables, and not of what was added up beside them.
    told = {"line": condition.line, "pools": condition.pools, "chain": condition.chain}
    readiness = ReadinessProbe(queries, recent, gateway, condition.clock_trouble, told)
    totals = LiveTotals(queries, recent)
    gateway.follow(totals)
    return OperatorServices(
        queries,
        totals,
        readiness,
        webhooks,
        BATCHES,
        settings.metrics_are_closed,
        condition,
        reads.pools.locked,
        choices,
        approver,
        reads.ledger,
        reads.journal,
        reads.console,
        across.sought,
        across.conflicts,
        across.risks,
    )
