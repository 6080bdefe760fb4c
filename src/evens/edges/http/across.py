"""What the console asks of all products at once: things by their ids, contradictions, and what the house can lose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evens.core.values.money import parse_amount
from evens.core.values.public_ids import format_market_id
from evens.edges.http.challenges.services import ChallengeServices
from evens.edges.http.exchange.services import ExchangeServices
from evens.edges.http.operator.services import Condition, Conflict
from evens.edges.http.pools.services import PoolServices
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.sportsbook.presenting import present_conflicts, present_exposure
from evens.edges.http.sportsbook.services import SportsbookServices
from evens.edges.http.wallets.services import WalletServices
from evens.store.console.customers import ConsoleQueries

RESULTS_ACTOR: Final = "feed:results"
"""The actor of what is done because of official results."""

_LISTED: Final = 200
_CONTESTED: Final = "Official results contradict each other; settle or void it by hand."
_DISPUTED: Final = "One of the two disputes what the resolver said; rule on it."


@dataclass(frozen=True, slots=True)
class Across:
    """Asks each product, and puts the answers together."""

    wallets: WalletServices
    exchange: ExchangeServices
    challenges: ChallengeServices
    sportsbook: SportsbookServices
    pools: PoolServices
    console: ConsoleQueries
    currencies: Currencies
    condition: Condition

    async def sought(self, kind: str, id: str) -> int:
        """Return the number of an event, a round, a pool or a challenge. Raises a 404."""
        if kind == "event":
            return (await self.sportsbook.events.require(id)).id
        if kind == "pool":
            return (await self.pools.pools.read(id)).id
        if kind == "round":
            pool, _, code = id.partition("/")
            return (await self.pools.pools.round(pool, code)).id
        challenge = self.challenges.links.read(id)
        if challenge is None:
            raise refuse_not_found("challenge_unknown", "There is no such challenge; check the link.")
        return challenge

    async def conflicts(self) -> Sequence[Conflict]:
        """Return what contradicts itself, product by product."""
        found: list[Conflict] = [
            ("exchange", format_market_id(market), label, _CONTESTED)
            for market, label in await self.console.contested_markets(RESULTS_ACTOR, _LISTED)
        ]
        for row in await self.sportsbook.reads.contradicted(before=2**62, limit=_LISTED):
            found += [
                ("sportsbook", each.event_id, each.title, f"The provider contradicts the result of {each.market}.")
                for each in present_conflicts(row)
            ]
        found += [
            ("pools", state.name, state.name, state.error or "")
            for state in self.condition.feeds()
            if state.kind == "oracle"
        ]
        token_of = self.challenges.links.token_of
        found += [
            ("challenges", token_of(row.terms.challenge), row.terms.title, _DISPUTED)
            for row in await self.challenges.queries.disputed(limit=_LISTED)
        ]
        return found

    async def risks(self, currency_number: int) -> Sequence[tuple[str, str, int]]:
        """Return events by id and title with what the house can lose on their singles, in minor units, most first."""
        exposure = await self.sportsbook.reads.exposure()
        named = [row.fixture for row in (*exposure.singles, *exposure.accumulators) if row.fixture is not None]
        fixtures = await self.sportsbook.reads.fixtures_by_id(list(dict.fromkeys(named)))
        currency = self.currencies.by_number(currency_number)
        sums: dict[tuple[str, str], int] = {}
        for each in present_exposure(exposure, fixtures, self.currencies).items:
            if each.currency == currency.code:
                key = each.event_id, each.title
                worst = each.worst_case
                sums[key] = sums.get(key, 0) + (parse_amount(worst, currency.scale) if worst.strip("0.") else 0)
        ranked = sorted(sums.items(), key=lambda item: -item[1])
        return [(key, title, minor) for (key, title), minor in ranked[:_LISTED] if minor]
