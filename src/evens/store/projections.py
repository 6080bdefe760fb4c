"""From events to rows: joins what the products' rooms say each event leaves, and who stores it."""

from collections.abc import Mapping
from typing import Final

from evens.core.events.every import Event
from evens.core.receipts import Receipt
from evens.core.values.money import Currency
from evens.store.challenges import projections as challenges
from evens.store.challenges import tables as challenge_tables
from evens.store.encoding.rows import Projector, Rows, WriteOrder
from evens.store.exchange import projections as exchange
from evens.store.exchange import tables as exchange_tables
from evens.store.fixed_odds import projections as fixed_odds
from evens.store.fixed_odds import tables as fixed_odds_tables
from evens.store.following import projections as following
from evens.store.following import tables as following_tables
from evens.store.journal_tables import APPEND_JOURNAL
from evens.store.outbox import POST_NOTICES
from evens.store.pools import projections as pools
from evens.store.pools import tables as pool_tables
from evens.store.pools.notices import round_notices
from evens.store.wallets import projections as wallets
from evens.store.wallets import tables as wallet_tables
from evens.store.wallets.notices import Topic, notices_for

PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    **wallets.PROJECTORS,
    **exchange.PROJECTORS,
    **challenges.PROJECTORS,
    **fixed_odds.PROJECTORS,
    **pools.PROJECTORS,
    **following.PROJECTORS,
}
"""What each event leaves in the tables; ``None`` for those that leave nothing but their journal record."""

WRITES: Final = WriteOrder(
    APPEND_JOURNAL,
    *wallet_tables.WRITES,
    *exchange_tables.WRITES,
    *challenge_tables.WRITES,
    *fixed_odds_tables.WRITES,
    *pool_tables.WRITES,
    *following_tables.WRITES,
    POST_NOTICES,
)
"""What may write in a batch. The journal comes first: a writer that no longer leads is refused before anything else."""


def project(rows: Rows, receipt: Receipt, currencies: Mapping[int, Currency], wanted: frozenset[Topic]) -> None:
    """Add what the events of one receipt leave in the tables, and the notices that somebody wants."""
    for event in receipt.events:
        projector = PROJECTORS[type(event)]
        if projector is not None:
            projector(rows, receipt, event)
    if wanted:
        for topic, data in (*notices_for(receipt, currencies, wanted), *round_notices(receipt, wanted)):
            rows.added[POST_NOTICES].append(POST_NOTICES.row(seq=receipt.seq, at=receipt.at, topic=topic, data=data))
