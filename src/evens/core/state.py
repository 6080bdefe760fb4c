"""The house: the whole live state as one value."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from evens.core.challenges.rules import RULES as CHALLENGES
from evens.core.challenges.state import Challenges
from evens.core.commands.every import Command
from evens.core.exchange.rules import RULES as EXCHANGE
from evens.core.exchange.state import Exchange
from evens.core.fixed_odds.rules import RULES as FIXED_ODDS
from evens.core.fixed_odds.state import FixedOdds
from evens.core.following.rules import RULES as FOLLOWING
from evens.core.following.state import Following
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.agenda import Agenda
from evens.core.ledger.rules import RULES as LEDGER
from evens.core.pools.rules import RULES as POOLS
from evens.core.pools.state import Pools
from evens.core.rules import Rules, State
from evens.core.values.ids import AccountClass, account_class
from evens.core.wallets.rules import RULES as WALLETS
from evens.core.wallets.state import Wallets

PRODUCTS: Final[tuple[Rules, ...]] = (LEDGER, WALLETS, EXCHANGE, CHALLENGES, FIXED_ODDS, POOLS, FOLLOWING)
"""The rules of every product, in the order in which the digest shows their state."""

_IS_DUE: Final[dict[type[Command], tuple[str, Callable[[Any, Any], bool]]]] = {
    command: (rules.part, is_due) for rules in PRODUCTS for command, is_due in rules.is_due.items()
}

_RECALLS: Final[dict[type[Command], tuple[str, Callable[[Any, Any], Any]]]] = {
    command: (rules.part, recall) for rules in PRODUCTS for command, recall in rules.recalls.items()
}


class House:
    """Everything that decisions depend on, and the place in the journal (``seq``, ``at``) that it reflects.

    History is not here: it is in the database. The state is only ever changed by :mod:`evens.core.kernel`.
    """

    __slots__ = (
        "agenda",
        "at",
        "challenges",
        "exchange",
        "fixed_odds",
        "following",
        "ledger",
        "pools",
        "seq",
        "wallets",
    )

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.agenda = Agenda()
        self.wallets = Wallets(self.ledger)
        self.exchange = Exchange(self.ledger, self.agenda, self.wallets.customers, self.wallets.frozen)
        self.challenges = Challenges(
            self.ledger, self.agenda, self.wallets.customers, self.wallets.frozen, self.wallets.tags, self.exchange
        )
        self.fixed_odds = FixedOdds(self.ledger, self.agenda, self.wallets.customers, self.wallets.frozen)
        self.pools = Pools(self.ledger, self.agenda, self.wallets.customers, self.wallets.frozen)
        self.following = Following(self.wallets, self.exchange, self.fixed_odds, self.pools)
        self.exchange.followers.append(self.challenges)
        self.wallets.followers += (self.exchange, self.challenges)
        self.seq = 0
        self.at = 0

    def chores(self, at: int, most: int) -> list[Command]:
        """Return up to ``most`` commands that the house has to give itself now.

        First come the parts of long work, which stay on the agenda until the work is finished; then what is due by
        ``at``, which leaves the agenda with this call.
        """
        chores = list(self.agenda.long_work)
        while len(chores) < most and (chore := self.agenda.pop_due(at)) is not None:
            part, is_due = _IS_DUE[type(chore)]
            if is_due(getattr(self, part), chore):
                chores.append(chore)
        return chores

    def recall(self, command: Command) -> Any:
        """Return what has to be read from the tables before this command is decided; ``None`` if nothing has to."""
        if type(command) not in _RECALLS:
            return None
        part, recall = _RECALLS[type(command)]
        return recall(getattr(self, part), command)

    def check(self) -> None:
        """Raise :class:`InvariantBroken` if a part contradicts itself, or escrow is not what the products hold."""
        expected: dict[int, int] = {}
        for state in self._parts():
            state.check()
            for account, minor in state.escrow():
                expected[account] = expected.get(account, 0) + minor
        held = {
            account: balance
            for account, balance in self.ledger.balances.items()
            if balance and account_class(account) is AccountClass.ESCROW
        }
        if held != {account: minor for account, minor in expected.items() if minor}:
            raise InvariantBroken("money in escrow differs from what can be lost")

    def lines(self) -> Iterator[str]:
        """Yield the whole state as text, one fact a line, in a fixed order."""
        yield f"house {self.seq} {self.at}"
        for state in self._parts():
            yield from state.lines()

    def digest(self) -> str:
        """Return a SHA-256 over :meth:`lines`: equal exactly if two houses would decide everything alike."""
        digest = hashlib.sha256()
        for line in self.lines():
            digest.update(line.encode())
            digest.update(b"\n")
        return digest.hexdigest()

    def _parts(self) -> Iterator[State]:
        return (getattr(self, rules.part) for rules in PRODUCTS)
