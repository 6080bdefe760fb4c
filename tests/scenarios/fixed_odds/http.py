"""Scenarios about the sportsbook over HTTP: what people do as requests, and what the provider says as its feed asks it.

Nobody says over HTTP what a provider publishes: its feed gives the house commands, and so does this level.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.values.moments import MOMENT_MAX
from evens.core.values.money import parse_amount
from evens.edges.http.sportsbook.quotes import Quote, format_quote
from tests.edges.conftest import Caller
from tests.scenarios.ask import Ask
from tests.scenarios.driver import Outcome
from tests.scenarios.fixed_odds import deeds
from tests.scenarios.fixed_odds.deeds import FixedOddsDeed
from tests.scenarios.fixed_odds.wording import FixedOddsWording

OWNERS: Final = deeds.PayIntoBank | deeds.DrawFromBank
"""What only the owner of the house may do."""

NO_BET: Final = "bet_281474976710656"
_SPORTSBOOK: Final = "/v1/sportsbook"
_DONE: Final[Mapping[type[FixedOddsDeed], str]] = {
    deeds.PayIntoBank: "deposited",
    deeds.DrawFromBank: "withdrawn",
    deeds.VoidEvent: "void",
    deeds.Decide: "kept",
    deeds.Bet: "placed",
    deeds.CashOut: "cashed_out",
    deeds.GiveBack: "given_back",
    deeds.LimitBets: "limited",
    deeds.Factor: "limited",
    deeds.SayResults: "decided",
    deeds.TakeResultsBack: "taken_back",
}


def is_said_by_line(deed: object) -> bool:
    """Return whether a deed is the provider's, for whom its feed asks."""
    if isinstance(deed, deeds.SayResults | deeds.TakeResultsBack):
        return not deed.by_desk
    return isinstance(deed, deeds.Publish | deeds.TakeOut | deeds.Dispute | deeds.CancelSince | deeds.Hear)


class SportsbookOverHttp:
    """Knows the ids of the bets in a scenario, as far as answers have told.

    ``user_id`` returns a customer's id, ``scale`` the number of fraction digits of a currency.
    """

    def __init__(self, user_id: Callable[[str], str], scale: Callable[[str], int]) -> None:
        self._user_id = user_id
        self._scale = scale
        self._bets: dict[str, tuple[str, str]] = {}
        self._line = FixedOddsWording(lambda who: int(user_id(who).removeprefix("usr_")), scale)

    def said(self, deed: FixedOddsDeed) -> Command:
        """Return what the provider says as a command."""
        return self._line.command(deed)

    def heard(self, deed: FixedOddsDeed, receipt: Receipt) -> Outcome:
        """Return what came of what the provider said, and remember what its names stand for."""
        first = receipt.events[0]
        if isinstance(first, Rejected):
            return Outcome(first.reason.value)
        self._line.learn(deed, receipt.events)
        outcome = self._line.outcome(receipt.command, receipt.events, replayed=False)
        assert outcome is not None
        return outcome

    def ask(self, deed: FixedOddsDeed) -> Ask:
        """Return a deed as a request."""
        match deed:
            case deeds.Bet() | deeds.CashOut() | deeds.GiveBack():
                return self._about_a_bet(deed)
            case deeds.PayIntoBank(amount, code):
                return Ask("POST", "/v1/house/deposits", {"amount": amount, "currency": code})
            case deeds.DrawFromBank(amount, code):
                return Ask("POST", "/v1/house/withdrawals", {"amount": amount, "currency": code})
            case deeds.LimitBets():
                return Ask("PUT", f"{_SPORTSBOOK}/limits", _limits(deed))
            case deeds.Factor(who, percent):
                return Ask("PUT", f"/v1/users/{self._user_id(who)}/stake-factor", {"percent": percent})
            case _:
                return _about_an_event(deed)

    def _about_a_bet(self, deed: deeds.DeedOnBet) -> Ask:
        if isinstance(deed, deeds.Bet):
            return Ask("POST", f"{_SPORTSBOOK}/bets", _bet(deed))
        if isinstance(deed, deeds.GiveBack):
            return Ask("POST", f"{self._path(deed.name)}/void")
        return self._cash_out(deed)

    def _cash_out(self, deed: deeds.CashOut) -> Ask:
        _, code = self._bets.get(deed.name, (NO_BET, "USD"))
        expires_at = MOMENT_MAX if deed.expires_at is None else deed.expires_at
        quote = Quote(parse_amount(deed.amount, self._scale(code)), expires_at)
        return Ask("POST", f"{self._path(deed.name)}/cash-out", {"quote_id": format_quote(quote)})

    def _path(self, name: str) -> str:
        return f"{_SPORTSBOOK}/bets/{self._bets.get(name, (NO_BET, ''))[0]}"

    def learn(self, deed: FixedOddsDeed, body: Mapping[str, Any]) -> None:
        """Remember what the name of a bet stands for, now that it was taken."""
        if isinstance(deed, deeds.Bet):
            self._bets[deed.name] = body["id"], deed.code

    def outcome(self, deed: FixedOddsDeed, body: Mapping[str, Any], replayed: bool) -> Outcome:
        """Return what came of a deed that was not refused."""
        if isinstance(deed, deeds.Hold):
            assert body["held"] is deed.held
            return Outcome("held" if deed.held else "released", replayed=replayed)
        return Outcome(_DONE[type(deed)], replayed=replayed)

    async def bet(self, caller: Caller, name: str) -> Outcome:
        """Ask how a bet stands. A single of which nothing came was given back."""
        bet = (await caller.get(self._path(name))).json()
        status = bet["status"]
        if status == "open" or (status == "void" and bet["kind"] == "single"):
            return Outcome("open" if status == "open" else "given_back")
        return Outcome("cashed_out" if status == "cashed_out" else "settled", {"returned": bet["payout"]})

    async def bank(self, caller: Caller, code: str) -> Outcome:
        """Ask what the house has in a currency."""
        balances = (await caller.get("/v1/house/balances")).json()["items"]
        (found,) = [each for each in balances if each["currency"] == code]
        return Outcome("there", {"has": found["bank"], "reserved": found["reserved"], "owed": found["owed"]})


def _about_an_event(deed: FixedOddsDeed) -> Ask:
    match deed:
        case deeds.Decide(market, fixture):
            return Ask("POST", f"{_SPORTSBOOK}/conflicts/close", {"event_id": fixture, "market": market})
        case deeds.Hold(fixture, held):
            return Ask("POST", f"{_SPORTSBOOK}/events/{fixture}/{'suspend' if held else 'resume'}")
        case deeds.VoidEvent(fixture):
            return Ask("POST", f"{_SPORTSBOOK}/events/{fixture}/void")
        case deeds.TakeResultsBack(fixture):
            return Ask("POST", f"{_SPORTSBOOK}/events/{fixture}/rollback", {})
        case deeds.SayResults(_, _, fixture):
            return Ask("POST", f"{_SPORTSBOOK}/events/{fixture}/settle", _results(deed))
        case _:
            raise AssertionError(f"nobody asks for this over HTTP: {deed}")


def _bet(deed: deeds.Bet) -> dict[str, Any]:
    legs = [
        {"event_id": fixture, "market": market, "selection": selection} | ({} if odds is None else {"odds": odds})
        for selection, market, fixture, odds in deed.legs
    ]
    return {"legs": legs, "amount": deed.stake, "currency": deed.code, "accept": deed.accept}


def _limits(deed: deeds.LimitBets) -> dict[str, Any]:
    body = {
        "currency": deed.code,
        "min_stake": deed.min_stake,
        "max_stake": deed.max_stake,
        "max_payout": deed.max_payout,
        "max_event_liability": deed.liability,
        "cash_out_margin_bps": deed.margin_bps,
    }
    return {name: value for name, value in body.items() if value is not None}


def _results(deed: deeds.SayResults) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for selection, said in deed.results:
        result, _, share = said.partition(" ")
        dead_heat = {"dead_heat": share} if share else {}
        results.append({"market": deed.market, "selection": selection, "result": result} | dead_heat)
    return {"results": results, "correction": deed.correction}
