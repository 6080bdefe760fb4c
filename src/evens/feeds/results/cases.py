"""What is known about the result of one market: who says what, since when, and what has been done about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from evens.feeds.results.mapping import Outcome, Statement, Unmapped
from evens.feeds.results.protocols import LiveMarket


@dataclass(slots=True)
class _Claim:
    """What one source says, since when without a break, and whether it still does."""

    statement: Statement
    since: int
    stands: bool = True
    before: Statement | None = None


class Case:
    """The result of one market as the sources have it. Moments are nanoseconds of the watcher's clock.

    ``contested`` never ends: whatever the sources say later, the market is an operator's. ``asked`` is the outcome that
    the house was asked to settle by and did not refuse; ``attempt`` counts the times it was too busy to. ``unsaid`` is
    what an operator is still to be told; ``marked``, whether the house knows that the market is contested.
    """

    def __init__(self, *, contested: bool) -> None:
        self.contested = contested
        self.marked = contested
        self.asked: Outcome | None = None
        self.attempt = 0
        self.unsaid: str | None = None
        self.is_over = False
        self._claims: dict[str, _Claim] = {}
        # Once true it stays so: what was heard may have to wait for the house before anything follows from it.
        self._wavered = False
        # An alert was raised when the case became contested: what the sources say first is not news.
        self._is_news = not contested
        self._told: set[frozenset[tuple[str, Statement]]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing remains to be done unless a source says something else."""
        return self.is_over and self.unsaid is None

    def hear(self, said: Mapping[str, Statement], now: int) -> None:
        """Take down what all sources that name the market say now."""
        for source, statement in said.items():
            claim = self._claims.get(source)
            if claim is None:
                self._claims[source] = _Claim(statement, now)
            elif claim.statement != statement:
                self._claims[source] = _Claim(statement, now, before=claim.statement)
                self._wavered = True
            elif not claim.stands:
                claim.stands, claim.since = True, now
        self._withdraw(said, now)
        if not self._is_news and said:
            self._told.add(self._standing())
            self._is_news = True

    def _withdraw(self, said: Mapping[str, Statement], now: int) -> None:
        """Let the claims fall that their sources no longer make; where one hesitates, all are to wait anew."""
        withdrawn = [claim for source, claim in self._claims.items() if claim.stands and source not in said]
        for claim in withdrawn:
            claim.stands = False
        for claim in self._claims.values() if withdrawn else ():
            claim.since = now

    def conflict(self, market: LiveMarket, settled: Outcome | None) -> str | None:
        """Return what an operator has to know that was not said before, or ``None``; it counts as said from then on.

        ``settled`` is how the market was settled, if it was.
        """
        if settled is not None:
            is_wrong = any(not statement.agrees_with(settled) for _, statement in self._standing())
        else:
            is_wrong = not self._is_unanimous() or (self._wavered and not self.contested)
        if not is_wrong or self._standing() in self._told:
            return None
        self._told.add(self._standing())
        return f"{self._words(market)}."

    def verdict(self, now: int, confirmation_ns: int) -> Outcome | None:
        """Return the outcome that every source naming the market has stood by for so long; ``None`` if there is none.

        There is none either while the market is contested.
        """
        standing = [claim for claim in self._claims.values() if claim.stands]
        if self.contested or not standing or not self._is_unanimous():
            return None
        if now - max(claim.since for claim in standing) < confirmation_ns:
            return None
        statement = standing[0].statement
        return statement if isinstance(statement, Outcome) else None

    def _standing(self) -> frozenset[tuple[str, Statement]]:
        return frozenset((source, claim.statement) for source, claim in self._claims.items() if claim.stands)

    def _is_unanimous(self) -> bool:
        said = {statement for _, statement in self._standing()}
        return len(said) <= 1 and not any(isinstance(statement, Unmapped) for statement in said)

    def _words(self, market: LiveMarket) -> str:
        parts: list[str] = []
        for source, claim in sorted(self._claims.items()):
            if claim.stands:
                before = "" if claim.before is None else f", after saying that {claim.before.words(market)}"
                parts.append(f"{source} says that {claim.statement.words(market)}{before}")
        return "; ".join(parts)
