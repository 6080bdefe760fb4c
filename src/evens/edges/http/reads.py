"""What the HTTP edge reads from the tables, product by product."""

from dataclasses import dataclass
from typing import Self

from evens.store.approvals import Approvals
from evens.store.challenges.queries import ChallengeQueries
from evens.store.console.customers import ConsoleQueries
from evens.store.console.journal import JournalQueries
from evens.store.console.ledger import LedgerQueries
from evens.store.console.subjects import SubjectQueries
from evens.store.database import Database
from evens.store.exchange.queries import ExchangeQueries
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.pools.queries import PoolQueries
from evens.store.rehearsing import Rehearsals
from evens.store.wallets.queries import Queries


@dataclass(frozen=True, slots=True)
class Reads:
    """What each product reads from the tables."""

    wallets: Queries
    exchange: ExchangeQueries
    challenges: ChallengeQueries
    sportsbook: SportsbookQueries
    pools: PoolQueries
    rehearsals: Rehearsals
    approvals: Approvals
    ledger: LedgerQueries
    journal: JournalQueries
    console: ConsoleQueries
    subjects: SubjectQueries

    @classmethod
    def on(cls, database: Database) -> Self:
        """Return what reads from a database."""
        return cls(
            Queries(database),
            ExchangeQueries(database),
            ChallengeQueries(database),
            SportsbookQueries(database),
            PoolQueries(database),
            Rehearsals(database),
            Approvals(database),
            LedgerQueries(database),
            JournalQueries(database),
            ConsoleQueries(database),
            SubjectQueries(database),
        )
