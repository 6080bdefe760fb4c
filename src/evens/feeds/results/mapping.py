"""Maps a source's result to markets and runner numbers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evens.core.values.betting import MarketStatus
from evens.core.values.ids import RunnerId
from evens.feeds.results.names import folded
from evens.feeds.results.protocols import LiveMarket
from evens.feeds.results.sources import OfficialResult


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a market ends: the winners' numbers in ascending order, or none of them if it is void."""

    winners: tuple[RunnerId, ...]
    dead_heat: bool = False

    @property
    def is_void(self) -> bool:
        """Whether nothing counts."""
        return not self.winners

    def agrees_with(self, settled: "Outcome") -> bool:
        """Return whether this is how a market was settled. Shares are not compared: they follow from the winners."""
        return self.winners == settled.winners

    def words(self, market: LiveMarket) -> str:
        """Return the outcome as a clause."""
        if self.is_void:
            return "the market is void"
        names = " and ".join([market.runners[number - 1] for number in self.winners])
        return f"{names} won in a dead heat" if self.dead_heat else f"{names} won"


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A result that fits no possible outcome of the market; ``why`` is a clause."""

    why: str

    def agrees_with(self, settled: Outcome) -> bool:
        """Return ``False``: a result that is not understood agrees with nothing."""
        return False

    def words(self, market: LiveMarket) -> str:
        """Return what is wrong as a clause."""
        return self.why


Statement = Outcome | Unmapped
"""What a source says of a market."""


def statements(result: OfficialResult, markets: Sequence[LiveMarket]) -> Iterator[tuple[int, Statement]]:
    """Yield the markets of an event that a result is about, by id, and what it says of each.

    Several markets of one name (in different currencies, for example) are one market to a source.
    """
    if result.market is None:
        distinct = len({folded(market.name) for market in markets})
        concerned = markets
    else:
        distinct = 1
        concerned = [market for market in markets if folded(market.name) == folded(result.market)]
    for market in concerned:
        if distinct > 1:
            yield market.id, Unmapped("some market of this event is decided, but not which")
        else:
            yield market.id, _statement(result, market)


def combined(said: Iterable[Statement]) -> Statement:
    """Return what one source says if it says all this at once."""
    distinct = list(dict.fromkeys(said))
    return distinct[0] if len(distinct) == 1 else Unmapped("it ended in several ways at once")


def settled_as(market: LiveMarket) -> Outcome | None:
    """Return how a market was settled, or ``None`` if it is not, or not completely."""
    if market.status is MarketStatus.VOID:
        return Outcome(())
    if market.status is MarketStatus.SETTLED:
        return Outcome(tuple(sorted(market.winners)))
    return None


def _statement(result: OfficialResult, market: LiveMarket) -> Statement:
    numbers: list[RunnerId] = []
    for name in result.winners:
        same = [RunnerId(number) for number, runner in enumerate(market.runners, 1) if folded(runner) == folded(name)]
        if not same:
            return Unmapped(f"{name} won, who is no runner of this market")
        if len(same) > 1:
            return Unmapped(f"{name} won, which is the name of several runners of this market")
        if same[0] in market.removed:
            return Unmapped(f"{name} won, who was removed from this market")
        numbers.append(same[0])
    return Outcome(tuple(sorted(numbers)), result.dead_heat)
