"""The row of a market that was just created, from the event alone."""

from evens.core.events.exchange import MarketCreated
from evens.core.values.betting import MarketStatus, Stage
from evens.store.exchange.queries import MarketRow


def row_of_created(created: MarketCreated, at: int) -> MarketRow:
    """Return what the tables said of a market once it was created, ``at`` nanoseconds since 1970."""
    return MarketRow(
        id=created.market,
        currency_number=created.currency_number,
        terms=created.terms,
        created_at=at,
        status=MarketStatus.OPEN,
        stage=Stage.NOTHING,
        version=1,
        turned_at=None,
        settled_at=None,
        removals={},
        removal_log=(),
        removed_up_to=0,
        was_bps=None,
        settlement=0,
        shares={},
        parts=0,
        archived=False,
    )
