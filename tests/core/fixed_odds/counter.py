"""A counter at which people bet with the house, in words."""

from typing import Any

from evens.core.commands.fixed_odds import (
    CashOutBet,
    DeclareResults,
    FundHouse,
    PlaceBet,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    WantedLeg,
)
from evens.core.events.fixed_odds import BetPlaced, LinePublished
from evens.core.values.fixed_odds import BetLeg, LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import AccountClass, FixtureId
from evens.core.values.odds import parse_odds
from tests.core.exchange.floor import Floor

FOR_EVER = 2**62


class Counter(Floor):
    """Fixtures have one market, ``main``; bets are in US cents."""

    def __init__(self) -> None:
        super().__init__()
        self.fixtures: dict[str, FixtureId] = {}
        self.versions: dict[str, int] = {}
        self.placed: dict[int, BetPlaced] = {}

    def publish(self, key: str, words: str, deadline: int = FOR_EVER, suspended: bool = False, **market: Any) -> None:
        """Publish a fixture, or change it, with selections in words like ``home 2.00, away 1.80``."""
        picks = [pick.split() for pick in words.split(",")]
        selections = tuple(LineSelection(name, name, round(100 * float(odds))) for name, odds in picks)
        self.versions[key] = self.versions.get(key, 0) + 1
        line = Line(key, deadline, suspended=suspended, markets=(LineMarket("main", "Main", selections, **market),))
        published = self.do(PublishLine("main", key, self.versions[key], line))[0]
        assert isinstance(published, LinePublished), published
        self.fixtures[key] = published.fixture

    def wants(self, name: str, stake_minor: int, *legs: str, **more: Any) -> PlaceBet:
        """Return the command for a bet with legs in words like ``final home`` or ``final home @ 2.10``."""
        wanted: list[WantedLeg] = []
        for words in legs:
            key, selection, *seen = words.split()
            odds = parse_odds(seen[1]) if seen else None
            wanted.append(WantedLeg(self.fixtures[key], "main", selection, odds))
        return PlaceBet(self.people[name], "USD", stake_minor, tuple(wanted), **more)

    def bet(self, name: str, stake_minor: int, *legs: str, **more: Any) -> BetPlaced:
        """Place a bet that is taken."""
        placed = self.do(self.wants(name, stake_minor, *legs, **more))[0]
        assert isinstance(placed, BetPlaced), placed
        return placed

    def result(self, key: str, *ends: str, **more: Any) -> None:
        """Say how selections ended, in words like ``home won`` or ``home won 1/2`` for a dead heat, and book it."""
        results: list[SelectionResult] = []
        for words in ends:
            selection, ended, *part = words.split()
            places, tied = part[0].split("/") if part else ("1", "1")
            results.append(SelectionResult("main", selection, LegResult[ended.upper()], int(places), int(tied)))
        self.finish(DeclareResults(self.fixtures[key], tuple(results), **more))

    def roll_back(self, key: str) -> None:
        """Take a result back."""
        self.finish(RollBackResults(self.fixtures[key]))

    def remove(self, key: str, selection: str, reduction_bps: int = 0) -> None:
        """Take a selection out."""
        self.finish(RemoveSelection(self.fixtures[key], "main", selection, reduction_bps))

    def cash_out(self, bet: BetPlaced, amount_minor: int, expires_at: int = FOR_EVER) -> CashOutBet:
        """Return the command that asks for a bet's present value."""
        single: BetLeg | None = bet.legs[0] if len(bet.legs) == 1 else None
        return CashOutBet(bet.bet, bet.customer, amount_minor, expires_at, single)

    def sound(self) -> None:
        """Check that the house is sound, and that its history leads to it."""
        self.house.check()
        assert self.house_has(AccountClass.BANK) >= 0
        assert self.house_has(AccountClass.ESCROW) >= 0
        assert self.replayed().digest() == self.house.digest()


def open_counter(bank_minor: int = 10_000_000, cash_minor: int = 100_000) -> Counter:
    """Open a counter for ann and bob, with this much in the bank and in each one's pocket."""
    counter = Counter()
    counter.define("USD")
    for name in ("ann", "bob"):
        counter.join(name, USD=cash_minor)
    counter.do(FundHouse("USD", bank_minor))
    return counter
