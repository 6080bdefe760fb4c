"""Scenarios about the sportsbook and the core's own language: deeds as commands, and events as outcomes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import (
    CancelBets,
    CashOutBet,
    CloseConflict,
    DeclareResults,
    DisputeFixture,
    FundHouse,
    HearSource,
    HoldFixture,
    PlaceBet,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    SetBookLimits,
    SetStakeFactor,
    VoidBet,
    VoidFixture,
    WantedLeg,
    WithdrawFromHouse,
)
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    BetEnded,
    BetPlaced,
    BetReopened,
    BetsReturned,
    LinePublished,
    ResultContradicted,
)
from evens.core.state import House
from evens.core.values.fixed_odds import (
    Acceptance,
    BetEnd,
    LegResult,
    Line,
    LineMarket,
    LineSelection,
    SelectionResult,
)
from evens.core.values.ids import HOUSE, AccountClass, BetId, CustomerId, FixtureId, account_id
from evens.core.values.moments import parse_time
from evens.core.values.money import format_minor, parse_amount
from tests.scenarios.driver import Outcome
from tests.scenarios.fixed_odds import deeds
from tests.scenarios.fixed_odds.deeds import FixedOddsDeed

NOTHING: Final = 2**48
"""A fixture or bet that does not exist."""

FOR_EVER: Final = 2**62
SOURCE: Final = "main"

RESULTS: Final[Mapping[type[Command], str]] = {
    FundHouse: "deposited",
    WithdrawFromHouse: "withdrawn",
    PublishLine: "published",
    RemoveSelection: "removed",
    RollBackResults: "taken_back",
    DisputeFixture: "disputed",
    CancelBets: "cancelled",
    VoidFixture: "void",
    HearSource: "noted",
    CloseConflict: "kept",
    PlaceBet: "placed",
    CashOutBet: "cashed_out",
    VoidBet: "given_back",
    SetBookLimits: "limited",
    SetStakeFactor: "limited",
}
"""How a scenario calls what comes of a command that is not refused."""


class FixedOddsWording:
    """Knows which fixtures and bets the names of a scenario stand for, as far as receipts have told."""

    def __init__(self, customer: Callable[[str], int], scale: Callable[[str], int]) -> None:
        self._customer = customer
        self._scale = scale
        self._fixtures: dict[str, FixtureId] = {}
        self._versions: dict[str, int] = {}
        self._bets: dict[str, tuple[BetPlaced, str]] = {}

    def command(self, deed: FixedOddsDeed) -> Command:
        """Return a deed as a command."""
        match deed:
            case deeds.Bet() | deeds.CashOut() | deeds.GiveBack():
                return self._about_a_bet(deed)
            case deeds.PayIntoBank(amount, code):
                return FundHouse(code, self._minor(amount, code))
            case deeds.DrawFromBank(amount, code):
                return WithdrawFromHouse(code, self._minor(amount, code))
            case deeds.LimitBets():
                return self._limits(deed)
            case deeds.Factor(who, percent):
                return SetStakeFactor(CustomerId(self._customer(who)), percent)
            case deeds.Hear(silent):
                return HearSource(SOURCE, silent)
            case deeds.Publish():
                return self._publish(deed)
            case _:
                return self._about_a_fixture(deed, self._fixture(deed.fixture))

    def _about_a_bet(self, deed: deeds.DeedOnBet) -> Command:
        if isinstance(deed, deeds.Bet):
            legs = tuple(
                WantedLeg(self._fixture(fixture), market, selection, None if odds is None else _hundredths(odds))
                for selection, market, fixture, odds in deed.legs
            )
            stake_minor = self._minor(deed.stake, deed.code)
            accept = Acceptance[deed.accept.upper()]
            return PlaceBet(CustomerId(self._customer(deed.who)), deed.code, stake_minor, legs, accept)
        placed, code = self._bets.get(deed.name, (None, "USD"))
        bet = BetId(NOTHING) if placed is None else placed.bet
        single = placed.legs[0] if placed is not None and len(placed.legs) == 1 else None
        if isinstance(deed, deeds.GiveBack):
            return VoidBet(bet, CustomerId(NOTHING) if placed is None else placed.customer, single)
        until = FOR_EVER if deed.expires_at is None else deed.expires_at
        return CashOutBet(bet, CustomerId(self._customer(deed.who)), self._minor(deed.amount, code), until, single)

    def _limits(self, deed: deeds.LimitBets) -> Command:
        most, payout, liability = (
            None if amount is None else self._minor(amount, deed.code)
            for amount in (deed.max_stake, deed.max_payout, deed.liability)
        )
        return SetBookLimits(
            deed.code, self._minor(deed.min_stake, deed.code), most, payout, liability, deed.margin_bps
        )

    def _publish(self, deed: deeds.Publish) -> Command:
        version = deed.version or self._versions.get(deed.fixture, 0) + 1
        self._versions[deed.fixture] = max(version, self._versions.get(deed.fixture, 0))
        selections = tuple(LineSelection(name, name, _hundredths(odds)) for name, odds in deed.selections)
        market = LineMarket(deed.market, deed.market, selections, winners=deed.winners, group=deed.group)
        deadline = FOR_EVER if deed.deadline_at is None else deed.deadline_at
        line = Line(deed.fixture, deadline, suspended=deed.suspended, markets=(market,))
        return PublishLine(SOURCE, deed.fixture, version, line)

    def _about_a_fixture(
        self,
        deed: deeds.DeedOnFixture,
        fixture: FixtureId,
    ) -> Command:
        match deed:
            case deeds.TakeOut(selection, market, _, reduction_bps):
                return RemoveSelection(fixture, market, selection, reduction_bps)
            case deeds.SayResults(results, market, _, correction, by_desk):
                said = tuple(_result(market, selection, result) for selection, result in results)
                return DeclareResults(fixture, said, correction, ruled=by_desk)
            case deeds.TakeResultsBack(_, by_desk):
                return RollBackResults(fixture, ruled=by_desk)
            case deeds.Dispute():
                return DisputeFixture(fixture)
            case deeds.CancelSince(_, since, until, restored):
                until_at = None if until is None else parse_time(until)
                return CancelBets(fixture, (), parse_time(since), until_at, restored)
            case deeds.Hold(_, held):
                return HoldFixture(fixture, held)
            case deeds.VoidEvent():
                return VoidFixture(fixture, ruled=True)
            case deeds.Decide(market):
                return CloseConflict(fixture, market)

    def _fixture(self, name: str) -> FixtureId:
        return self._fixtures.get(name, FixtureId(NOTHING))

    def _minor(self, amount: str, code: str) -> int:
        return parse_amount(amount, self._scale(code))

    def learn(self, deed: FixedOddsDeed, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        for event in happened:
            if isinstance(deed, deeds.Publish) and isinstance(event, LinePublished):
                self._fixtures[deed.fixture] = event.fixture
            elif isinstance(deed, deeds.Bet) and isinstance(event, BetPlaced):
                self._bets[deed.name] = event, deed.code

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, if it is one about the sportsbook."""
        if isinstance(command, HoldFixture):
            return Outcome("held" if command.held else "released", replayed=replayed)
        if isinstance(command, DeclareResults):
            contradicted = any(isinstance(event, ResultContradicted) for event in happened)
            return Outcome("contradicted" if contradicted else "decided", replayed=replayed)
        result = RESULTS.get(type(command))
        return None if result is None else Outcome(result, replayed=replayed)

    def number(self, kind: str, name: str) -> int | None:
        """Return the id of a bet, or of an event as a place where one bets, if there is one of this name."""
        if kind == "place":
            return self._fixtures.get(name)
        return self._bets[name][0].bet if kind == "bet" and name in self._bets else None

    def bet(self, _house: House, happened: Iterable[Event], name: str) -> Outcome:
        """Return how a bet stands by the events about it alone; singles end with their markets."""
        placed, code = self._bets[name]
        standing = Outcome("open")
        for event in happened:
            if isinstance(event, BetEnded) and event.bet == placed.bet:
                returned = format_minor(event.returned_minor, self._scale(code))
                standing = Outcome(_ENDS[event.end], {"returned": returned})
            elif isinstance(event, BetReopened) and event.bet == placed.bet:
                standing = Outcome("open")
            elif isinstance(event, BetsReturned) and placed.bet in event.bets:
                standing = Outcome("given_back")
        return standing

    def bank(self, house: House, _happened: Iterable[Event], code: str) -> Outcome:
        """Return what the house has in a currency: in the bank, reserved, and what its owner owes it."""
        currency = house.ledger.currencies[code]
        amounts = {
            name: format_minor(
                sign * house.ledger.balance_minor(account_id(HOUSE, currency.number, kept)), currency.scale
            )
            for name, sign, kept in (
                ("has", 1, AccountClass.BANK),
                ("reserved", 1, AccountClass.ESCROW),
                ("owed", -1, AccountClass.RECEIVABLE),
            )
        }
        return Outcome("there", amounts)


_ENDS: Final = {BetEnd.SETTLED: "settled", BetEnd.CASHED_OUT: "cashed_out", BetEnd.VOIDED: "given_back"}


def _hundredths(odds: str) -> int:
    whole, _, cents = odds.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def _result(market: str, selection: str, text: str) -> SelectionResult:
    """Return a result such as ``won``, ``half_lost`` or, of a dead heat, ``won 1/2``."""
    word, _, share = text.partition(" ")
    places, _, tied = (share or "1/1").partition("/")
    return SelectionResult(market, selection, LegResult[word.upper()], int(places), int(tied))
