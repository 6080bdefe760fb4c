"""The state of one market's result: what each source says, since when, and what has been done about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from evens.feeds.results.mapping import Outcome, Statement, Unmapped
from evens.feeds.results.protocols import LiveMarket


@dataclass(slots=True)
class _Claim:
    """What one source says, since when without a break, and whether it still says it."""

    statement: Statement
    since: int
    is_current: bool = True
    before: Statement | None = None


class Case:
    """The claims of all sources about one market. Moments are nanoseconds of the watcher's clock.

    ``contested`` never becomes false again: the market is left to an operator whatever the sources say later.
    ``requested`` is the outcome of the settlement that was submitted and not refused; ``attempt`` counts the times that
    the market was busy. ``pending_alert`` is the alert that an operator has not been sent yet; ``suspended`` is whether
    the suspension of a contested market was submitted.
    """

    def __init__(self, *, contested: bool) -> None:
        self.contested = contested
        self.suspended = contested
        self.requested: Outcome | None = None
        self.attempt = 0
        self.pending_alert: str | None = None
        self.is_settled = False
        self._claims: dict[str, _Claim] = {}
        # Once true it stays true: the server may have to answer before the watcher can act on it.
        self._has_changed = False
        # An alert was sent when the case became contested, before the restart: the first claims need none.
        self._may_alert = not contested
        self._alerted: set[frozenset[tuple[str, Statement]]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing remains to be done unless a source changes its statement."""
        return self.is_settled and self.pending_alert is None

    def update(self, said: Mapping[str, Statement], now: int) -> None:
        """Record what all sources that name the market say now."""
        for source, statement in said.items():
            claim = self._claims.get(source)
            if claim is None:
                self._claims[source] = _Claim(statement, now)
            elif claim.statement != statement:
                self._claims[source] = _Claim(statement, now, before=claim.statement)
                self._has_changed = True
            elif not claim.is_current:
                claim.is_current, claim.since = True, now
        self._withdraw(said, now)
        if not self._may_alert and said:
            self._alerted.add(self._current())
            self._may_alert = True

    def _withdraw(self, said: Mapping[str, Statement], now: int) -> None:
        """Withdraw the claims that their sources no longer make. If there are any, all claims wait anew."""
        withdrawn = [claim for source, claim in self._claims.items() if claim.is_current and source not in said]
        for claim in withdrawn:
            claim.is_current = False
        for claim in self._claims.values() if withdrawn else ():
            claim.since = now

    def conflict(self, market: LiveMarket, settled: Outcome | None) -> str | None:
        """Return a conflict that no operator was alerted to yet, else ``None``. From then on it counts as alerted.

        ``settled`` is how the market was settled, if it was.
        """
        if settled is not None:
            is_wrong = any(not statement.agrees_with(settled) for _, statement in self._current())
        else:
            is_wrong = not self._is_unanimous() or (self._has_changed and not self.contested)
        if not is_wrong or self._current() in self._alerted:
            return None
        self._alerted.add(self._current())
        return f"{self._words(market)}."

    def confirmed(self, now: int, confirmation_ns: int) -> Outcome | None:
        """Return the outcome that all sources naming the market have claimed for ``confirmation_ns``, else ``None``.

        A contested market has none.
        """
        current = [claim for claim in self._claims.values() if claim.is_current]
        if self.contested or not current or not self._is_unanimous():
            return None
        if now - max(claim.since for claim in current) < confirmation_ns:
            return None
        statement = current[0].statement
        return statement if isinstance(statement, Outcome) else None

    def _current(self) -> frozenset[tuple[str, Statement]]:
        return frozenset((source, claim.statement) for source, claim in self._claims.items() if claim.is_current)

    def _is_unanimous(self) -> bool:
        said = {statement for _, statement in self._current()}
        return len(said) <= 1 and not any(isinstance(statement, Unmapped) for statement in said)

    def _words(self, market: LiveMarket) -> str:
        parts: list[str] = []
        for source, claim in sorted(self._claims.items()):
            if claim.is_current:
                before = "" if claim.before is None else f", after saying that {claim.before.words(market)}"
                parts.append(f"{source} says that {claim.statement.words(market)}{before}")
        return "; ".join(parts)
