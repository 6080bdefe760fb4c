"""What recorded challenges look like from outside."""

from collections.abc import Mapping
from typing import Final

from evens.core.challenges.challenge import resolve_by
from evens.core.values.betting import ChallengeStatus, Outcome
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.public_ids import format_challenge_id, format_market_id, format_user_id
from evens.edges.http.challenges import shapes
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.exchange.known_markets import KnownMarkets
from evens.edges.http.protocol.betting import SIDE_NAMES
from evens.edges.http.protocol.currencies import Currencies
from evens.store.challenges.queries import ChallengeRow

STATUSES: Final[Mapping[ChallengeStatus, shapes.ChallengeStatusName]] = {
    ChallengeStatus.OFFERED: "offered",
    ChallengeStatus.ACCEPTED: "accepted",
    ChallengeStatus.RESOLVED: "resolved",
    ChallengeStatus.DISPUTED: "disputed",
    ChallengeStatus.SETTLED: "settled",
    ChallengeStatus.CANCELLED: "cancelled",
    ChallengeStatus.EXPIRED: "expired",
}
OUTCOMES: Final[Mapping[Outcome, shapes.OutcomeName]] = {
    Outcome.WON: "won",
    Outcome.LOST: "lost",
    Outcome.VOID: "void",
}


class ChallengePresenter:
    """Shows challenges with their links, and with the names of the markets that decide them."""

    def __init__(self, currencies: Currencies, markets: KnownMarkets, links: ChallengeLinks) -> None:
        self._currencies = currencies
        self._markets = markets
        self._links = links

    async def present(self, row: ChallengeRow) -> shapes.Challenge:
        """Return a challenge as the row says. Raises ``StoreUnavailable``."""
        terms, currency = row.terms, self._currencies.by_number(row.terms.currency_number)
        settled = row.settled
        return shapes.Challenge(
            id=format_challenge_id(row.id),
            token=self._links.token_of(row.id),
            url=self._links.url_of(row.id),
            title=terms.title,
            status=STATUSES[row.status],
            side=SIDE_NAMES[terms.side],
            odds=format_odds(terms.odds),
            stake=format_minor(terms.stake_minor, currency.scale),
            liability=format_minor(terms.profit_minor, currency.scale),
            currency=currency.code,
            fee_bps=terms.fee_bps,
            public=terms.public,
            challenger=shapes.Party(format_user_id(terms.customer), row.challenger_name),
            acceptor=_party(row.acceptor, row.acceptor_name),
            resolver=_party(terms.resolver, row.resolver_name),
            runner=await self._runner(terms.market, terms.runner),
            offered_at=format_time(row.offered_at),
            expires_at=format_time(terms.expires_at),
            accepted_at=_time(row.accepted_at),
            resolver_outcome=None if row.outcome is None else OUTCOMES[row.outcome],
            disputable_until=_time(row.payable_at),
            resolve_by=_time(resolve_by(terms)),
            disputed_by=None if row.disputed_by is None else format_user_id(row.disputed_by),
            outcome=None if settled is None else OUTCOMES[settled.outcome],
            result=_result(row, currency),
            ended_at=_time(row.ended_at),
        )

    async def _runner(self, market: MarketId | None, runner: RunnerId | None) -> shapes.ChallengeRunner | None:
        if market is None or runner is None:
            return None
        known = await self._markets.find(market)
        assert known is not None
        names = known.terms
        return shapes.ChallengeRunner(format_market_id(market), names.name, str(runner), names.runners[runner - 1])


def _party(customer: CustomerId | None, username: str | None) -> shapes.Party | None:
    return None if customer is None or username is None else shapes.Party(format_user_id(customer), username)


def _result(row: ChallengeRow, currency: Currency) -> shapes.ChallengeResult | None:
    settled = row.settled
    if settled is None:
        return None
    amounts = settled.backer_profit_minor, settled.layer_profit_minor, settled.fee_minor
    return shapes.ChallengeResult(*[format_minor(minor, currency.scale) for minor in amounts])


def _time(moment: int | None) -> str | None:
    return None if moment is None else format_time(moment)
