"""Scenarios about the exchange over HTTP: deeds as requests, and answers as outcomes and tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.edges.conftest import Caller
from tests.scenarios.ask import Ask
from tests.scenarios.driver import Outcome
from tests.scenarios.exchange import deeds
from tests.scenarios.exchange.deeds import Cells, ExchangeDeed
from tests.scenarios.exchange.wording import draw_levels

NO_MARKET: Final = "mkt_281474976710656"
NO_RUNNER: Final = "999"
NO_ORDER: Final = "ord_281474976710656"
SOME_DAY: Final = "2030-01-01T12:00:00Z"
DEPTH: Final = 1000

ACTIONS: Final[Mapping[type[ExchangeDeed], str]] = {
    deeds.Suspend: "suspend",
    deeds.Resume: "resume",
    deeds.TurnInPlay: "in-play",
    deeds.Close: "close",
    deeds.Settle: "settle",
    deeds.Annul: "void",
}
"""How the path calls what is done to a market."""

RESULTS: Final[Mapping[type[ExchangeDeed], str]] = {
    deeds.Remove: "removed",
    deeds.Reinstate: "reinstated",
    deeds.Settle: "settled",
    deeds.Annul: "void",
    deeds.Discount: "discounted",
    deeds.Change: "changed",
    deeds.Persist: "changed",
    deeds.Cancel: "cancelled",
}
"""How a scenario calls what was done, where that is not the status that the answer shows."""


@dataclass(frozen=True, slots=True)
class _Market:
    id: str
    runners: tuple[str, ...]

    def runner(self, name: str) -> str:
        return str(self.runners.index(name) + 1) if name in self.runners else NO_RUNNER


class ExchangeOverHttp:
    """Knows which markets and orders the names of a scenario stand for, as far as answers have told.

    ``user`` finds somebody's public id, ``least`` the smallest amount of a currency.
    """

    def __init__(self, user: Callable[[str], str], least: Callable[[str], str]) -> None:
        self._user = user
        self._least = least
        self._markets: dict[str, _Market] = {}
        self._orders: dict[str, str] = {}

    def ask(self, deed: ExchangeDeed) -> Ask:
        """Return a deed as a request."""
        match deed:
            case deeds.OpenMarket():
                return Ask("POST", "/v1/exchange/markets", self._definition(deed))
            case deeds.Discount(who, discount_bps):
                return Ask("PUT", f"/v1/users/{self._user(who)}/commission-discount", {"discount_bps": discount_bps})
            case deeds.Bet() | deeds.Admit() | deeds.Change() | deeds.Persist() | deeds.Cancel() | deeds.CancelAll():
                return self._ask_for_order(deed)
            case _:
                return self._ask_for_market(deed)

    def _definition(self, deed: deeds.OpenMarket) -> dict[str, Any]:
        return {
            "name": deed.name,
            "starts_at": SOME_DAY,
            "runners": [{"name": runner} for runner in deed.runners],
            "winners": deed.winners,
            "commission_bps": deed.commission_bps,
            "ladder": deed.ladder,
            "min_stake": deed.least_stake or self._least(deed.code),
            "currency": deed.code,
            "bet_delay_seconds": deed.bet_delay_s,
            "winners_min": deed.winners_min,
            "cover_removals": deed.covers,
            "cross_matching": deed.crosses,
            "event_type": deed.event_type,
            "competition": deed.competition,
            "country": deed.country,
            "venue": deed.venue,
            "market_type": deed.market_type,
        }

    def _ask_for_market(self, deed: deeds.MarketDeed) -> Ask:
        market = self._market(deed.market)
        path = f"/v1/exchange/markets/{market.id}"
        match deed:
            case deeds.Remove(_, runner, reduction_bps):
                return Ask("POST", f"{path}/runners/{market.runner(runner)}/remove", {"reduction_bps": reduction_bps})
            case deeds.Reinstate(_, runner):
                return Ask("POST", f"{path}/runners/{market.runner(runner)}/reinstate")
            case deeds.Settle(_, winners, dead_heat, correction, tied):
                numbers, shared = ([market.runner(runner) for runner in named] for named in (winners, tied))
                body = {"winners": numbers, "tied": shared, "dead_heat": dead_heat, "correction": correction}
                return Ask("POST", f"{path}/settle", body)
            case deeds.Annul(_, correction):
                return Ask("POST", f"{path}/void", {"correction": correction})
            case _:
                return Ask("POST", f"{path}/{ACTIONS[type(deed)]}")

    def _ask_for_order(self, deed: deeds.OrderDeed) -> Ask:
        match deed:
            case deeds.Bet():
                return Ask("POST", "/v1/exchange/orders", self._bet(deed))
            case deeds.Admit():
                raise AssertionError("to admit orders is no request of its own")
            case deeds.CancelAll(_, market):
                body = {} if market is None else {"market_id": self._market(market).id}
                return Ask("POST", "/v1/exchange/orders/cancel", body)
            case deeds.Change(_, name, stake, odds):
                return Ask("PUT", self._order(name), _given(stake=stake, odds=odds))
            case deeds.Persist(_, name, persistence):
                return Ask("PUT", self._order(name), {"persistence": persistence})
            case deeds.Cancel(_, name, amount):
                return Ask("DELETE", self._order(name), _given(reduce_by=amount))

    def _bet(self, bet: deeds.Bet) -> dict[str, Any]:
        market = self._market(bet.market)
        return {
            "market_id": market.id,
            "runner_id": market.runner(bet.runner),
            "side": bet.side,
            "odds": bet.odds,
            "stake": bet.stake,
            "time_in_force": "fok" if bet.fill_or_kill else "gtc",
            "persistence": "persist" if bet.persisting else "lapse",
            **_given(
                min_fill=bet.min_fill,
                market_version=bet.market_version,
                client_ref=bet.reference,
                strategy_ref=bet.strategy,
            ),
        }

    def runner(self, market: str, runner: str) -> tuple[str, str]:
        """Return the public ids of a market and a runner in it, by their names."""
        known = self._market(market)
        return known.id, known.runner(runner)

    def _market(self, name: str) -> _Market:
        return self._markets.get(name, _Market(NO_MARKET, ()))

    def _order(self, name: str) -> str:
        return f"/v1/exchange/orders/{self._orders.get(name, NO_ORDER)}"

    def learn(self, deed: ExchangeDeed, body: Mapping[str, Any]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        match deed:
            case deeds.OpenMarket(name, _, runners):
                self._markets[name] = _Market(body["id"], runners)
            case deeds.Bet(name=str(name)) | deeds.Change(name=name):
                self._orders[name] = body["id"]
            case _:
                pass

    def outcome(self, deed: ExchangeDeed, body: Mapping[str, Any], replayed: bool) -> Outcome:
        """Return what came of a deed that was not refused."""
        if isinstance(deed, deeds.CancelAll):
            orders = len(body["items"])
            facts = {"orders": str(orders)} if orders else {}
            return Outcome("cancelled" if orders else "nothing_changes", facts, replayed=replayed)
        if isinstance(deed, deeds.Bet):
            told = _standing(body)
            reference = _given(reference=body["client_ref"])
            return Outcome(told.result, {**told.facts, **reference}, replayed=replayed)
        return Outcome(RESULTS.get(type(deed)) or body["status"], replayed=replayed)

    async def order(self, caller: Caller, name: str) -> Outcome:
        """Ask how an order stands."""
        return _standing((await caller.get(self._order(name))).json())

    async def market(self, caller: Caller, name: str) -> Outcome:
        """Ask how a market stands."""
        market = (await caller.get(f"/v1/exchange/markets/{self._market(name).id}")).json()
        assert not market["working"]
        return Outcome(market["status"], {"version": str(market["version"])})

    async def book(self, caller: Caller, name: str) -> dict[str, Cells]:
        """Ask for the book of a market."""
        path = f"/v1/exchange/markets/{self._market(name).id}/book"
        book = (await caller.get(path, depth=DEPTH)).json()
        return {runner["name"]: (_drawn(runner["to_back"]), _drawn(runner["to_lay"])) for runner in book["runners"]}

    async def position(self, caller: Caller, name: str) -> dict[str, Cells]:
        """Ask what one's own matched bets bring; where none are, nothing is at stake."""
        found = (await caller.get("/v1/exchange/positions", market_id=self._market(name).id)).json()["items"]
        return {
            runner["name"]: (runner["if_win"], runner["if_lose"])
            for position in found
            for runner in position["runners"]
            if any(Decimal(runner[end]) for end in ("if_win", "if_lose"))
        }


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _standing(order: Mapping[str, Any]) -> Outcome:
    facts = {what: order[what] for what in ("matched", "remaining", "cancelled", "lapsed")}
    return Outcome(order["status"], {**facts, **_given(average=order["average_odds"])})


def _drawn(levels: list[Mapping[str, Any]]) -> str:
    return draw_levels((level["odds"], level["size"]) for level in levels)
