"""The house: the whole live state as one value."""

import hashlib
from collections.abc import Iterator

from evens.core.exchange.markets import Exchange
from evens.core.ledger.accounts import Ledger
from evens.core.wallets.customers import Wallets


class House:
    """Everything that decisions depend on, and the place in the journal (``seq``, ``at``) that it reflects.

    History is not here: it is in the database. The state is only ever changed by :mod:`evens.core.kernel`.
    """

    __slots__ = ("at", "exchange", "ledger", "seq", "wallets")

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.wallets = Wallets(self.ledger)
        self.exchange = Exchange(self.ledger, self.wallets.customers, self.wallets.frozen)
        self.seq = 0
        self.at = 0

    def check(self) -> None:
        """Raise :class:`evens.core.ledger.accounts.InvariantBroken` if any room contradicts itself."""
        self.ledger.check()
        self.wallets.check()
        self.exchange.check()

    def lines(self) -> Iterator[str]:
        """Yield the whole state as text, one fact a line, in a fixed order."""
        yield f"house {self.seq} {self.at}"
        yield from self.ledger.lines()
        yield from self.wallets.lines()
        yield from self.exchange.lines()

    def digest(self) -> str:
        """Return a SHA-256 over :meth:`lines`: equal exactly if two houses would decide everything alike."""
        digest = hashlib.sha256()
        for line in self.lines():
            digest.update(line.encode())
            digest.update(b"\n")
        return digest.hexdigest()
